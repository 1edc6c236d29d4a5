"""The language server, through a client of the protocol."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from client import Editor, fresh, served  # noqa: F401
from invoking import forbear
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pytest_lsp import LanguageClient

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOLD = """\
rule call_in_person: after 13 days then allow phone_call
rule hardship_hold: forbid phone_call when hardship is plan_active
"""
MISSPELT = "rule ask: after 60 days then allow contact_relatd\n"


def house(folder: Path, text: str) -> Path:
    path = folder / "house.forbear"
    path.write_bytes(text.encode())
    return path


async def test_findings_come_and_go_with_the_text(client: LanguageClient, tmp_path: Path) -> None:
    editor = Editor(client, house(tmp_path, HOLD), HOLD)
    await editor.until(lambda: "contradiction" in editor.codes)
    found = next(one for one in editor.diagnostics if one.code == "contradiction")
    assert found.severity is types.DiagnosticSeverity.Error
    assert "\ncase: days_overdue 14, hardship plan_active\n" in found.message
    assert found.range.start == editor.at("forbid")
    assert found.related_information is not None
    assert found.related_information[0].location.range.start == editor.at("after")
    editor.replace("plan_active\n", "plan_active overrides all\n")
    await editor.until(lambda: "contradiction" not in editor.codes)


async def test_while_a_text_is_broken_its_last_findings_stay_and_say_so(client: LanguageClient, tmp_path: Path) -> None:
    editor = Editor(client, house(tmp_path, HOLD), HOLD)
    await editor.until(lambda: "contradiction" in editor.codes)
    editor.replace("rule call", "\nrul\nrule call")
    await editor.until(lambda: "syntax" in editor.codes)
    found = next(one for one in editor.diagnostics if one.code == "contradiction")
    assert found.message.startswith("of the last text without errors: ")
    assert found.range.start == editor.at("forbid")
    editor.replace("\nrul\n", "")
    await editor.until(lambda: editor.codes.count("contradiction") == 1 and "syntax" not in editor.codes)


async def test_a_quick_fix_is_what_the_diagnostic_carries(client: LanguageClient, tmp_path: Path) -> None:
    editor = Editor(client, house(tmp_path, MISSPELT), MISSPELT)
    await editor.until(lambda: editor.codes == ["unknown-action"])
    [action] = await editor.actions("contact_relatd", "quickfix")
    assert action.title == "write `contact_related`"
    assert action.edit is not None
    assert action.edit.changes is not None
    assert editor.with_edits(list(action.edit.changes[editor.uri])) == MISSPELT.replace("relatd", "related")
    assert await editor.actions("rule ask", "quickfix") == []
    assert await editor.actions("contact_relatd", "refactor") == []


async def test_fix_all_writes_what_validate_fix_writes(client: LanguageClient, tmp_path: Path) -> None:
    text = 'rule a: after 9 days then allow sms\naccept overlap of a because "no longer"\n'
    editor = Editor(client, house(tmp_path, text), text)
    await editor.until(lambda: "stale-accept" in editor.codes)
    [action] = await editor.actions("rule", "source.fixAll")
    assert action.edit is not None
    assert action.edit.changes is not None
    fixed = editor.with_edits(list(action.edit.changes[editor.uri]))
    forbear("validate", "--fix", editor.path)
    assert fixed == editor.path.read_text() == "rule a: after 9 days then allow sms\n"


async def test_formatting_gives_the_canonical_layout(client: LanguageClient, tmp_path: Path) -> None:
    text = "rule a:after 9 days then allow sms,email\r\nrule b:\r\n  after 10 days then allow visit\r\n"
    editor = Editor(client, house(tmp_path, text), text)
    options = types.FormattingOptions(tab_size=2, insert_spaces=True)
    asked = types.DocumentFormattingParams(editor.which, options)
    edits = await client.text_document_formatting_async(asked)
    assert edits is not None
    said = editor.with_edits(list(edits))
    done = subprocess.run(
        [sys.executable, "-m", "forbear", "format", "-"], input=text.encode(), capture_output=True, check=False
    )
    assert said.encode() == done.stdout
    editor.replace("rule b", "rule rule")
    assert await client.text_document_formatting_async(asked) is None
    await editor.until(lambda: bool(client.messages))
    assert "not formatted: line 2" in client.messages[-1].message


async def test_a_text_that_is_not_saved_counts_for_its_users(client: LanguageClient, tmp_path: Path) -> None:
    words = 'fact days_overdue days clock "How late"\naction call "A call"\n'
    (tmp_path / "words.forbear").write_text(words)
    user = 'uses "words"\n\nrule a:\n  after 3 days then allow call\n'
    editor = Editor(client, house(tmp_path, user), user)
    await editor.until(lambda: editor.uri in client.diagnostics)
    assert "unknown-action" not in editor.codes
    vocabulary = Editor(client, tmp_path / "words.forbear", words)
    vocabulary.replace("action call", "action phone")
    await editor.until(lambda: "unknown-action" in editor.codes)
    client.text_document_did_close(types.DidCloseTextDocumentParams(vocabulary.which))
    await editor.until(lambda: "unknown-action" not in editor.codes)


async def test_an_error_in_a_used_file_is_shown_there(client: LanguageClient, tmp_path: Path) -> None:
    (tmp_path / "words.forbear").write_text("fact days_overdue days clock\naction call, call\n")
    user = 'uses "words"\n\nrule a:\n  after 3 days then allow call\n'
    editor = Editor(client, house(tmp_path, user), user)
    uri = (tmp_path / "words.forbear").as_uri()
    await editor.until(lambda: bool(client.diagnostics.get(uri)))
    assert [one.code for one in client.diagnostics[uri]] == ["duplicate-name"]
    other = Editor(client, tmp_path / "other.forbear", user)
    await other.until(lambda: other.uri in client.diagnostics)
    assert [one.code for one in client.diagnostics[uri]] == ["duplicate-name"], "both say it, and it is shown once"
    client.text_document_did_close(types.DidCloseTextDocumentParams(other.which))
    client.text_document_did_close(types.DidCloseTextDocumentParams(editor.which))
    await editor.until(lambda: not client.diagnostics.get(uri))


async def test_what_is_no_policy_is_a_message(client: LanguageClient, tmp_path: Path) -> None:
    for number, (text, code) in enumerate([
        ("\0\1\2 rule", "unreadable-file"),
        ("\ufeffrule a: after 9 days then allow smss\n", "unknown-action"),
        ('uses "house"\n', "circular-uses"),
        ("rule a: \ud800", "unreadable-file"),
        ("# 😀 名\u2028rule a: after 9 days then allow sms\n", "syntax"),
        ("(" * 500, "too-deep"),
        ("", "empty-file"),
    ]):  # fmt: skip
        folder = tmp_path / str(number)
        folder.mkdir()
        path = folder / "house.forbear"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        editor = Editor(client, path, text)
        await editor.until(lambda editor=editor, code=code: code in editor.codes)  # type: ignore[misc]


async def test_columns_count_what_the_client_counts(client: LanguageClient, tmp_path: Path) -> None:
    text = 'rule a "😀😀": after 9 days then allow smss\n'
    editor = Editor(client, house(tmp_path, text), text)
    await editor.until(lambda: "unknown-action" in editor.codes)
    assert editor.diagnostics[0].range == editor.range("smss")
    editor.replace("smss", "sms")
    await editor.until(lambda: "unknown-action" not in editor.codes)


async def test_a_text_beyond_the_bound_is_a_message(client: LanguageClient, tmp_path: Path) -> None:
    text = "#" * (64 * 1024 * 1024 + 1)
    editor = Editor(client, tmp_path / "house.forbear", text)
    await editor.until(lambda: editor.codes == ["too-large"])


async def test_names_are_completed_told_found_and_renamed(client: LanguageClient, tmp_path: Path) -> None:
    text = "define late is after 9 days\nrule a: late then allow sms\nrule b: after 3 days then allow ema\n"
    editor = Editor(client, house(tmp_path, text), text)
    place = editor.at("ema\n", 3)
    found = await client.text_document_completion_async(types.CompletionParams(editor.which, place))
    assert isinstance(found, list)
    assert next(one for one in found if one.label == "email").text_edit == types.TextEdit(editor.range("ema"), "email")
    at = editor.at("late then")
    hover = await client.text_document_hover_async(types.HoverParams(editor.which, at))
    assert hover is not None
    assert "define late is after 9 days" in str(hover.contents)
    where = await client.text_document_definition_async(types.DefinitionParams(editor.which, at))
    assert isinstance(where, types.Location)
    assert where.range.start == editor.at("late is")
    context = types.ReferenceContext(include_declaration=True)
    uses = await client.text_document_references_async(types.ReferenceParams(context, editor.which, at))
    assert uses is not None
    assert len(uses) == 2
    edit = await client.text_document_rename_async(types.RenameParams(editor.which, at, "overdue"))
    assert edit is not None
    assert edit.changes is not None
    assert editor.with_edits(list(edit.changes[editor.uri])) == text.replace("late", "overdue")
    with pytest.raises(JsonRpcException, match="not a name"):
        await client.text_document_rename_async(types.RenameParams(editor.which, at, "rule"))
    symbols = await client.text_document_document_symbol_async(types.DocumentSymbolParams(editor.which))
    assert symbols is not None
    assert [one.name for one in symbols] == ["late", "a", "b"]
