# ruff: noqa: UP031
"""Says who it is for, and whether anything was pressed."""

from asterisk.agi import AGI

agi = AGI()
agi.answer()
key = agi.wait_for_digit(3000)
agi.set_variable(
    "GREETED", "%s pressed %s, %s" % (agi.env.get("agi_arg_1", "nobody"), key or "nothing", agi.env["agi_callerid"])
)
