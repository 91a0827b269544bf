"""Read an expectation: a recursive descent over its tokens, each of them looked at once.

The grammar, from the outside in (``docs/expressions.md`` explains it)::

    expectation = statistic SIGN number
    precision   = statistic "+-" number | expectation
    statistic   = "prob" "(" condition ")" | ("mean" | "median" | "pNN") "(" quantity ")"
                | difference
    condition   = both { "or" both }
    both        = negated { "and" negated }
    negated     = "not" negated | quantity SIGN quantity | flag | "(" condition ")"
    quantity    = product { ("+" | "-") product }
    product     = signed { ("*" | "/") signed }
    signed      = ("-" | "+") signed | number | measure | reduction | difference
                | "(" quantity ")"
    reduction   = ("min" | "max" | "sum" | "avg") "(" measure ")"
    difference  = "diff" "(" quantity "," file ")"
    measure     = name [ "[" label { "," label } "]" ]
    label       = month | [month] ":" [month] | ("segment" | "stage") "=" name
    month       = whole number | "end"
    SIGN        = ">=" | "<=" | ">" | "<"

An opening parenthesis does not tell whether a condition or a quantity follows, so one descent reads
both, and where only one of them makes sense the other is refused.
"""

import re
from collections.abc import Callable
from contextlib import contextmanager
from math import isfinite
from typing import Any, NoReturn, TypeVar, cast

from gtmsim.errors import ExpressionError
from gtmsim.expressions import names
from gtmsim.expressions.literals import Literal
from gtmsim.expressions.tokens import Kind, Token, tokens_of
from gtmsim.expressions.tree import (
    END,
    Arithmetic,
    Comparison,
    Condition,
    Difference,
    Expectation,
    Joined,
    Mean,
    Measure,
    Months,
    Negative,
    Node,
    Not,
    Number,
    Probability,
    Quantile,
    Quantity,
    Reduction,
    Span,
    Statistic,
    Tolerance,
    Word,
    differences,
)
from gtmsim.words import alternatives, closest

DEEPEST = 24
"""Levels of parentheses and signs."""
HUNDRED = 100.0
_COMPARATORS = (">=", "<=", ">", "<")
_OTHER_WORDS = {
    "==": "Futures are never exactly equal to a number: write >=, <=, > or <.",
    "=": "Write >=, <=, > or <.",
    "!=": "Write `not`, and >=, <=, > or <.",
    "&&": "Write `and`.",
    "||": "Write `or`.",
    "!": "Write `not`.",
    "**": "There are no powers.",
}
_QUANTILE = re.compile(r"p[0-9]+(\.[0-9]+)?")
_STATED = "Say a number over all futures: prob(condition), mean(x), median(x), p10(x)"
_Parsed = TypeVar("_Parsed", bound=Node)


def parse_expectation(text: str) -> Expectation:
    """Read an expectation such as ``p10(cash_min) > 0``.

    Parameters
    ----------
    text
        The expectation. Names of measures, segments and stages are not looked up.

    Raises
    ------
    ExpressionError
        With what is wrong and where, if it is none.
    """
    return _whole(text, _Parser.expectation)


def parse_precision(text: str) -> Tolerance | Expectation:
    """Read how well something should be known: ``mean(arr[end]) +- 50k``, or an expectation.

    Raises
    ------
    ExpressionError
        With what is wrong and where, if it is neither.
    """
    return _whole(text, _Parser.precision)


def parse_quantity(text: str) -> Quantity:
    """Read a number of each future, such as ``arr[36]`` or ``cash[end] - cash[12]``.

    Raises
    ------
    ExpressionError
        With what is wrong and where, if it is none.
    """
    return _whole(text, _Parser.whole_quantity)


def _whole(text: str, read: "Callable[[_Parser], _Parsed]") -> _Parsed:
    parser = _Parser(text)
    parsed = read(parser)
    parser.finish()
    return parsed


class _Parser:
    """Tokens of a text, and how far they are read."""

    def __init__(self, text: str):
        self.text = text
        self.tokens = tokens_of(text)
        self.at = 0
        self.depth = 0

    # --- tokens ---

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.next
        self.at += token.kind is not Kind.END
        return token

    def is_sign(self, *signs: str) -> bool:
        return self.next.kind is Kind.SIGN and self.next.text in signs

    def is_word(self, word: str) -> bool:
        return self.next.kind is Kind.NAME and self.next.text == word

    def is_call(self) -> bool:
        """Whether a name with an opening parenthesis behind it comes next."""
        behind = self.tokens[min(self.at + 1, len(self.tokens) - 1)]
        return self.next.kind is Kind.NAME and behind.kind is Kind.SIGN and behind.text == "("

    def accept(self, *signs: str) -> Token | None:
        return self.take() if self.is_sign(*signs) else None

    def expect(self, sign: str) -> Token:
        return self.accept(sign) or self.fail(f"wants `{sign}`")

    def since(self, start: int) -> Span:
        """Span from a position to the last token read."""
        return start, self.tokens[self.at - 1].span[1]

    def finish(self) -> None:
        if self.next.kind is not Kind.END:
            self.fail("wants nothing more", "Parentheses and `and` belong inside prob( ).")

    def fail(self, wants: str, hint: str = "") -> NoReturn:
        """Refuse the next token."""
        token = self.next
        hint = _OTHER_WORDS.get(token.text, hint) if token.kind is Kind.SIGN else hint
        self.refuse(token.span, f"{wants} here; got {token.shown}", hint)

    def refuse(self, span: Span, message: str, hint: str = "") -> NoReturn:
        raise ExpressionError(self.text, span, message, hint)

    @contextmanager
    def deeper(self) -> Any:
        if self.depth == DEEPEST:
            self.refuse(self.next.span, f"is nested more than {DEEPEST} levels deep")
        self.depth += 1
        yield
        self.depth -= 1

    # --- statements ---

    def expectation(self) -> Expectation:
        start = self.next.span[0]
        return self._compared(start, self.statistic())

    def whole_quantity(self) -> Quantity:
        return self.quantity(self.operand())

    def precision(self) -> Tolerance | Expectation:
        start = self.next.span[0]
        statistic = self.statistic()
        if not self.accept("+-"):
            return self._compared(start, statistic)
        half_width = self.number()
        if half_width.value <= 0.0:
            self.refuse(half_width.span, "must be above 0")
        self._check_share(statistic, half_width, "an error of a probability")
        return Tolerance(statistic, half_width, span=self.since(start))

    def _compared(self, start: int, statistic: Statistic) -> Expectation:
        sign = self.accept(*_COMPARATORS)
        if sign is None:
            self.fail("wants >=, <=, > or <", "An expectation compares with a number.")
        threshold = self._threshold()
        self._check_share(statistic, threshold, "a probability")
        return Expectation(statistic, cast(Any, sign.text), threshold, span=self.since(start))

    def _check_share(self, statistic: Statistic, number: Number, what: str) -> None:
        """Refuse what no probability can be."""
        if not _is_probability(statistic) or 0.0 <= number.value <= 1.0:
            return
        is_percentage = 1.0 < number.value <= HUNDRED and not number.is_percent
        hint = f"Did you mean {number.value:g}%?" if is_percentage else ""
        self.refuse(number.span, f"{what} lies between 0 and 1, or 0% and 100%", hint)

    def _threshold(self) -> Number:
        if self.next.kind is Kind.NAME:
            hint = "Two quantities are compared inside: mean(arr[36] - arr[24]) >= 0."
            self.fail("wants a number", hint)
        return self.number()

    def statistic(self) -> Statistic:
        name = self.next
        if self.is_word(names.DIFFERENCE) and self.is_call():
            difference = self.difference()
            return Mean(difference, span=difference.span)
        if name.kind is not Kind.NAME or not self.is_call() or not _is_statistic(name.text):
            self._no_statistic()
        self.take()
        self.expect("(")
        inside = self.operand()
        self.expect(")")
        return self._statistic(name, inside)

    def _statistic(self, name: Token, inside: Node) -> Statistic:
        span = self.since(name.span[0])
        if name.text == "prob":
            return Probability(self.condition(inside), span=span)
        quantity = self.quantity(inside)
        if name.text == "mean":
            return Mean(quantity, span=span)
        q = 0.5 if name.text == "median" else float(name.text[1:]) / HUNDRED
        if not 0.0 < q < 1.0:
            self.refuse(name.span, "must lie above p0 and below p100")
        return Quantile(q, quantity, span=span)

    def _no_statistic(self) -> NoReturn:
        name = self.next
        if name.kind is Kind.NAME and self.is_call() and name.text not in names.RESERVED:
            self._unknown_function()
        if name.kind is Kind.NAME:
            example = "prob(min(cash) > 0) >= 0.9" if name.text in names.REDUCTIONS else ""
            hint = f"{_STATED}{', such as ' + example if example else ''}."
            message = f"`{name.text}` differs from future to future"
            self.refuse(name.span, message, hint)
        self.fail("wants a statistic first", f"{_STATED}, then >=, <=, > or < and a number.")

    def _unknown_function(self) -> NoReturn:
        name = self.next
        known = (*names.STATISTICS, "p10", *names.REDUCTIONS, names.DIFFERENCE)
        near = closest(name.text.lower(), known)
        hint = f"Did you mean `{near}`?" if near else f"Known are {alternatives(known)}."
        self.refuse(name.span, f"`{name.text}` is no function", hint)

    # --- conditions and quantities ---

    def operand(self) -> Node:
        """Read a condition or a quantity."""
        with self.deeper():
            return self._joined("or", lambda: self._joined("and", self._negated))

    def _joined(self, word: str, part: Callable[[], Node]) -> Node:
        left = part()
        while self.is_word(word):
            conditions = self.condition(left), self.condition(self._after(part))
            left = Joined(cast(Any, word), *conditions, span=_around(*conditions))
        return left

    def _after(self, part: Callable[[], Node]) -> Node:
        self.take()
        return part()

    def _negated(self) -> Node:
        if not self.is_word("not"):
            return self._comparison()
        start = self.take().span[0]
        with self.deeper():
            return Not(self.condition(self._negated()), span=self.since(start))

    def _comparison(self) -> Node:
        left = self._sum()
        sign = self.accept(*_COMPARATORS)
        if sign is None:
            return left
        right = self.quantity(self._sum())
        left = self.quantity(left)
        if self.is_sign(*_COMPARATORS):
            self.fail("compares once", "Join two comparisons with `and`.")
        return Comparison(cast(Any, sign.text), left, right, span=_around(left, right))

    def _sum(self) -> Node:
        return self._chain(("+", "-"), lambda: self._chain(("*", "/"), self._signed))

    def _chain(self, signs: tuple[str, ...], part: Callable[[], Node]) -> Node:
        left = part()
        while sign := self.accept(*signs):
            sides = self.quantity(left), self.quantity(part())
            left = Arithmetic(cast(Any, sign.text), *sides, span=_around(*sides))
        return left

    def _signed(self) -> Node:
        sign = self.accept("-", "+")
        if sign is None:
            return self._primary()
        with self.deeper():
            of = self.quantity(self._signed())
        return of if sign.text == "+" else Negative(of, span=(sign.span[0], of.span[1]))

    def _primary(self) -> Node:
        if self.accept("("):
            inside = self.operand()
            self.expect(")")
            return inside
        if self.next.kind is Kind.NUMBER:
            return self.number()
        if self.next.kind is Kind.NAME and (self.is_call() or not self._is_reserved()):
            return self._named()
        self.fail("wants a measure or a number", "Such as arr[36], cash_min or 10M.")

    def _is_reserved(self) -> bool:
        return self.next.text in names.RESERVED

    def _named(self) -> Node:
        name = self.next
        if not self.is_call():
            return self.measure()
        if name.text == names.DIFFERENCE:
            return self.difference()
        if name.text in names.REDUCTIONS:
            return self._reduction()
        if _is_statistic(name.text):
            hint = "It stands outside; inside, avg, min, max and sum are over a future's months."
            self.refuse(name.span, f"`{name.text}` is over futures", hint)
        self._unknown_function()

    def _reduction(self) -> Reduction:
        name = self.take()
        self.expect("(")
        if self.next.kind is not Kind.NAME or self.is_call() or self._is_reserved():
            self.fail("wants a measure", f"Such as {name.text}(cash[1:12]) or {name.text}(cash).")
        measure = self.measure()
        if self.next.text != ")":
            self.fail("wants `)`", f"`{name.text}` takes one measure over its months.")
        self.expect(")")
        return Reduction(cast(Any, name.text), measure, span=self.since(name.span[0]))

    def difference(self) -> Difference:
        start = self.take().span[0]
        self.expect("(")
        of = self.quantity(self.operand())
        for inner in differences(of):
            self.refuse(inner.span, "`diff` stands inside another `diff`")
        self.expect(",")
        file = self.next
        if file.kind is not Kind.FILE or not file.text:
            self.fail("wants a scenario file in quotes", 'Such as diff(arr[24], "smb_only.toml").')
        self.take()
        self.expect(")")
        return Difference(of, Word(file.text, span=file.span), span=self.since(start))

    def condition(self, node: Node) -> Condition:
        """Refuse what holds in no future and fails in none: a number."""
        if isinstance(node, Condition):
            return node
        if isinstance(node, Measure) and node.name in names.FLAGS:
            return Comparison(">", node, Number(0.0, span=node.span), span=node.span)
        self.refuse(node.span, "is a number, not a condition", "Compare it: arr[36] >= 10M.")

    def quantity(self, node: Node) -> Quantity:
        """Refuse a condition where a number is wanted."""
        if isinstance(node, Quantity):
            return node
        self.refuse(node.span, "is a condition, not a number", "Conditions stand inside prob( ).")

    # --- numbers and measures ---

    def number(self) -> Number:
        sign = self.accept("-", "+")
        token = self.next
        if token.literal is None:
            self.fail("wants a number", "Such as 0.3, 8%, 24k or $2.5M.")
        self.take()
        value = self._plain(token, token.literal)
        literal, span = token.literal, ((sign or token).span[0], token.span[1])
        is_negative = sign is not None and sign.text == "-"
        signed = -value if is_negative else value
        return Number(signed, literal.currency, literal.is_percent, span=span)

    def _plain(self, token: Token, literal: Literal) -> float:
        if literal.has_two_units:
            self.refuse(token.span, f"`{token.text}` has two units")
        if literal.time:
            hint = "Write the number in the measure's own unit: days or months."
            self.refuse(token.span, f"`{token.text}` is a time", hint)
        value = float(literal.number)
        if not isfinite(value):
            self.refuse(token.span, f"`{token.text}` is too large")
        return value

    def measure(self) -> Measure:
        name = self.take()
        labels: dict[str, Any] = {}
        if self.accept("["):
            self._label(labels)
            while self.accept(","):
                self._label(labels)
            if not self.accept("]"):
                self.fail("wants `,` or `]`", "Such as arr[36, segment=smb].")
        return Measure(name.text, **labels, span=self.since(name.span[0]))

    def _label(self, labels: dict[str, Any]) -> None:
        start = self.next
        is_named = start.kind is Kind.NAME and start.text != "end"
        key, value = self._named_label() if is_named else ("months", self._months())
        if key in labels:
            self.refuse(start.span, f"gives its {key.removesuffix('s')} twice")
        labels[key] = value

    def _named_label(self) -> tuple[str, Word]:
        key = self.take()
        known = ("segment", "stage")
        if key.text not in known:
            near = closest(key.text, (*known, "end"))
            hint = f"Did you mean `{near}`?" if near else "Such as 36, end, 1:12, segment=smb."
            self.refuse(key.span, f"`{key.text}` is no month and no label", hint)
        self.expect("=")
        if self.next.kind is not Kind.NAME:
            self.fail(f"wants the name of a {key.text}")
        value = self.take()
        return key.text, Word(value.text, span=value.span)

    def _months(self) -> Months:
        start = self.next.span[0]
        first = 1 if self.is_sign(":") else self._month()
        if not self.accept(":"):
            return Months(first, first, span=self.since(start))
        last = END if self.is_sign(",", "]") else self._month()
        span = self.since(start)
        if END not in (first, last) and last < first:
            self.refuse(span, f"ends before it begins, in month {first}")
        return Months(first, last, several=True, span=span)

    def _month(self) -> int:
        token = self.next
        if self.is_word("end"):
            self.take()
            return END
        if token.literal is None:
            self.fail("wants a month", "Such as 36 or end.")
        self.take()
        number = token.literal.number
        if number != int(number) or not token.text.isdecimal():
            self.refuse(token.span, "wants a whole month, such as 36")
        if number < 1:
            self.refuse(token.span, "numbers months from 1", "`end` is the last month.")
        return int(number)


def _is_statistic(name: str) -> bool:
    return name in names.STATISTICS or _QUANTILE.fullmatch(name) is not None


def _is_probability(statistic: Statistic) -> bool:
    """Whether it is a share of futures: the mean of what is 0 or 1 is one as well."""
    if isinstance(statistic, Probability):
        return True
    of = statistic.of
    return isinstance(statistic, Mean) and isinstance(of, Measure) and of.name in names.FLAGS


def _around(left: Node, right: Node) -> Span:
    return left.span[0], right.span[1]
