"""How the user's will to end a sweep travels up from whatever is being measured."""


class StopSweep(BaseException):
    """The user interrupted: no further job is to start."""
