"""Neovim, without a screen, set up as `docs/guides/editors.md` says, with its own client of the protocol."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import forbear

ROOT = Path(__file__).parents[3]
SECONDS = 120

DRIVER = """\
local function wait_for(what, holds)
  assert(vim.wait(60000, holds, 20), 'waited in vain for ' .. what)
end
local function codes()
  local found = {}
  for _, one in ipairs(vim.diagnostic.get(0)) do found[#found + 1] = one.code end
  table.sort(found)
  return found
end
local function has(code)
  return function() return vim.tbl_contains(codes(), code) end
end
local function text() return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\\n') end
local said = {}
local ok, why = pcall(function()
%s
end)
if not ok then said.error = tostring(why) end
vim.fn.writefile({ vim.json.encode(said) }, 'said.json')
vim.cmd('qall!')
"""


def set_up() -> str:
    """The lines of Lua that the page of editors shows."""
    page = (ROOT / "docs" / "guides" / "editors.md").read_text(encoding="utf-8")
    found = re.search(r"```lua\n(.*?)```", page, re.DOTALL)
    assert found
    return found[1]


def neovim(folder: Path, text: str, steps: str) -> dict[str, Any]:
    """Opens a rule file, does some steps in Lua, and gives what they put into the table `said`."""
    program = folder / "bin" / "forbear"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m forbear "$@"\n')
    program.chmod(0o755)
    (folder / "init.lua").write_text(set_up())
    (folder / "house.forbear").write_text(text)
    (folder / "steps.lua").write_text(DRIVER % steps)
    environment = {**os.environ, "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}", "HOME": str(folder)}
    environment["PYTHONPATH"] = str(Path(forbear.__file__).parent.parent)
    environment |= {name: str(folder) for name in ("XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    done = subprocess.run(
        ["nvim", "--headless", "-i", "NONE", "-n", "-u", "init.lua", "house.forbear", "-c", "luafile steps.lua"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert (folder / "said.json").exists(), done.stderr
    said: dict[str, Any] = json.loads((folder / "said.json").read_text())
    assert "error" not in said, said
    return said


def test_diagnostics_a_quick_fix_and_the_layout(tmp_path: Path) -> None:
    said = neovim(
        tmp_path,
        "rule ask:after 60 days then allow contact_relatd\n",
        """
  wait_for('the diagnostic', has('unknown-action'))
  said.first = vim.diagnostic.get(0)[1].message
  vim.api.nvim_win_set_cursor(0, { 1, 40 })
  vim.lsp.buf.code_action({ apply = true, context = { only = { 'quickfix' }, diagnostics = {} } })
  wait_for('the fix', function() return text():find('contact_related') ~= nil end)
  wait_for('no error', function() return not has('unknown-action')() end)
  vim.lsp.buf.format({ timeout_ms = 60000 })
  said.text = text()
""",
    )
    assert said["first"].startswith("there is no action or group `contact_relatd`")
    assert said["text"] == "rule ask:\n  after 60 days then allow contact_related"


def test_what_one_types_is_diagnosed(tmp_path: Path) -> None:
    said = neovim(
        tmp_path,
        "rule call: after 13 days then allow phone_call\n",
        """
  vim.wait(500)
  vim.api.nvim_buf_set_lines(0, 1, 1, false, { 'rule hold: forbid phone_call when hardship is plan_active' })
  wait_for('the finding', has('contradiction'))
  vim.api.nvim_buf_set_lines(0, 1, 2, false, {})
  wait_for('no finding', function() return not has('contradiction')() end)
  said.done = true
""",
    )
    assert said["done"]


def test_the_page_of_a_code_is_opened(tmp_path: Path) -> None:
    said = neovim(
        tmp_path,
        "rule ask: after 60 days then allow contact_relatd\n",
        """
  wait_for('the diagnostic', has('unknown-action'))
  vim.api.nvim_win_set_cursor(0, { 1, 40 })
  vim.lsp.buf.code_action({ apply = true, filter = function(one) return one.title:find('means') ~= nil end })
  wait_for('the page', function() return vim.api.nvim_buf_get_name(0):find('unknown%-action%.md') ~= nil end)
  wait_for('its text', function() return text():find('^# ') ~= nil end)
  said.done = true
""",
    )
    assert said["done"]


def test_completion_and_rename(tmp_path: Path) -> None:
    said = neovim(
        tmp_path,
        "define late is after 9 days\nrule a: late then allow sms\n",
        """
  wait_for('the client', function() return #vim.lsp.get_clients({ bufnr = 0 }) > 0 end)
  vim.api.nvim_win_set_cursor(0, { 2, 9 })
  local place = vim.lsp.util.make_position_params(0, 'utf-16')
  local found = vim.lsp.buf_request_sync(0, 'textDocument/completion', place, 60000)
  local labels = {}
  for _, answer in pairs(found) do
    for _, item in ipairs(answer.result) do labels[#labels + 1] = item.label end
  end
  said.late = vim.tbl_contains(labels, 'late')
  vim.lsp.buf.rename('overdue')
  wait_for('the new name', function() return text():find('late') == nil end)
  said.text = text()
""",
    )
    assert said == {"late": True, "text": "define overdue is after 9 days\nrule a: overdue then allow sms"}


def test_what_stands_between_words_and_above_statements(tmp_path: Path) -> None:
    said = neovim(
        tmp_path,
        'rule a: after 9 days then allow sms\nexample "x": given days_overdue 10 expect sms allowed\n',
        """
  wait_for('the client', function() return #vim.lsp.get_clients({ bufnr = 0 }) > 0 end)
  vim.lsp.inlay_hint.enable(true)
  wait_for('the inlay', function() return #vim.lsp.inlay_hint.get({ bufnr = 0 }) > 0 end)
  said.inlay = vim.lsp.inlay_hint.get({ bufnr = 0 })[1].inlay_hint.label
  wait_for('lenses', function()
    vim.lsp.codelens.refresh({ bufnr = 0 })
    vim.wait(200)
    return #vim.lsp.codelens.get(0) == 3
  end)
  said.lenses = {}
  for _, lens in ipairs(vim.lsp.codelens.get(0)) do said.lenses[#said.lenses + 1] = lens.command.title end
""",
    )
    assert said == {"inlay": "from day 10", "lenses": ["decides in 1 of 1 example", "holds: run again", "explain"]}
