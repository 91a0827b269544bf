"""Write an answer to stdout in the format asked for."""

from typing import TYPE_CHECKING

from gtmsim.cli.session import Session, data_console, emit

if TYPE_CHECKING:
    from gtmsim.report.answer import Answer

FORMATS = ("table", "json", "csv", "markdown")


def write_answer(answer: "Answer", form: str, session: Session) -> None:
    """Write the answer."""
    from gtmsim.report import documents, terminal

    if form == "table":
        console = data_console()
        with console.capture() as written:  # rich would end the process at a closed pipe
            terminal.write(answer, console, errors=session.verbose)
        emit(written.get())
        return
    writers = {
        "json": documents.as_json,
        "csv": documents.as_csv,
        "markdown": documents.as_markdown,
    }
    emit(writers[form](answer))
