"""What ``http`` tells of itself: the work is done by a server, elsewhere."""

from embprof.interface.account import Account

ADVICE = {
    "encode": "Send fewer bytes: larger requests share what each of them costs.",
    "send": "Keep connections open, and send larger requests.",
    "wait": "It is the server's time, its queue and the way there: measure the model in process, "
    "and the server with measurement=closed_loop.",
    "receive": "Answers of some 40 ms here have a server that waits for an acknowledgement: it "
    "should set TCP_NODELAY. Else send less: base64 in place of decimal numbers.",
    "decode": "Ask for base64 (workload.encoding), which needs no parsing of numbers.",
}
"""What makes a stage quicker, by stage."""

HTTP = Account(
    figures=frozenset(), asks_others=True, stage_advice=lambda _, stage: ADVICE.get(stage)
)
