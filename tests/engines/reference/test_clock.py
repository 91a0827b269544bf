"""The clock: absolute times, and one order of what falls on the same instant."""

from gtmsim.engines.reference.clock import Clock, Own, Turn


def run(clock, until=100.0):
    stop = clock.at(until)
    clock.run(until=stop)


def waits(clock, log, name, *, at, **order):
    yield clock.at(at, **order)
    log.append((name, clock.now))


def test_an_event_lands_on_its_time_to_the_bit():
    clock, log = Clock(), []
    third = 0.1 + 0.2
    clock.process(waits(clock, log, "first", at=0.1))
    clock.process(waits(clock, log, "then", at=third))
    run(clock)
    assert log == [("first", 0.1), ("then", third)]


def test_events_of_one_instant_follow_turn_entity_and_sub_not_the_order_of_scheduling():
    clock, log = Clock(), []
    orders = {
        "request": {"turn": Turn.REQUEST, "entity": 1},
        "trigger": {"turn": Turn.OWN, "entity": 7, "sub": 0},
        "renewal": {"turn": Turn.OWN, "entity": 7, "sub": Own.RENEWAL},
        "default": {"turn": Turn.OWN, "entity": 7, "sub": Own.DEFAULT},
        "neighbour's trigger": {"turn": Turn.OWN, "entity": 6, "sub": 3},
        "expiry": {"turn": Turn.EXPIRY, "entity": 9},
        "end": {"turn": Turn.END, "entity": 9},
        "boundary": {"turn": Turn.BOUNDARY},
    }
    for name, order in orders.items():
        clock.process(waits(clock, log, name, at=2.0, **order))
    run(clock)
    assert [name for name, _ in log] == [
        "boundary",
        "end",
        "expiry",
        "neighbour's trigger",
        "default",
        "renewal",
        "trigger",
        "request",
    ]


def test_what_follows_an_event_happens_before_the_next_event_of_the_instant():
    clock, log = Clock(), []
    signal = clock.event()

    def follows():
        yield signal
        log.append("follows")

    def leads():
        yield clock.at(1.0, Turn.END, 1)
        signal.succeed()
        log.append("leads")

    clock.process(follows())
    clock.process(leads())
    later = waits(clock, log, "later", at=1.0, turn=Turn.END, entity=2)
    clock.process(later)
    run(clock)
    assert log == ["leads", "follows", ("later", 1.0)]


def test_a_timeout_ends_after_everything_else_at_its_instant():
    clock, log = Clock(), []

    def sleeper():
        yield clock.timeout(1.0)
        log.append(("sleeper", clock.now))

    clock.process(sleeper())
    clock.process(waits(clock, log, "request", at=1.0, turn=Turn.REQUEST))
    run(clock)
    assert log == [("request", 1.0), ("sleeper", 1.0)]
