"""From the name of an error condition to its text.

For the exception classes; a program that writes its own messages may use it too.
Must not know: the exception classes.
"""

import re
from collections.abc import Mapping
from typing import Any

_PARAMETER = re.compile(r"<([a-zA-Z0-9_-]+)>")


class ErrorClassesReader:
    """Looks up error conditions and fills in their texts. As in Spark, and under Spark's name.

    Attributes
    ----------
    error_info_map
        for each condition the lines of its text, and its SQLSTATE where it has one
    """

    def __init__(self) -> None:
        # Imported where it is needed: a start without errors is a fortieth faster.
        from minispark.errors.error_classes import ERROR_CLASSES_MAP

        self.error_info_map = ERROR_CLASSES_MAP

    def get_sqlstate(self, errorClass: str | None) -> str | None:
        """The SQLSTATE of a condition, or None when it has none or is not known.

        >>> ErrorClassesReader().get_sqlstate("NOT_ITERABLE")
        '42K09'
        """
        if errorClass is None:
            return None
        state: str | None = self.error_info_map.get(errorClass.split(".")[0], {}).get("sqlState")
        return state

    def get_message_template(self, errorClass: str) -> str:
        """The text of a condition with its parameters still in angle brackets.

        Raises ValueError for a condition that is not known.

        >>> ErrorClassesReader().get_message_template("CANNOT_BE_NONE")
        'Argument `<arg_name>` cannot be None.'
        """
        try:
            return "\n".join(self.error_info_map[errorClass]["message"])
        except KeyError:
            raise ValueError(f"Cannot find main error class '{errorClass}'") from None

    def get_error_message(self, errorClass: str, messageParameters: Mapping[str, Any]) -> str:
        """The text of a condition, filled in.

        Raises ValueError for a condition that is not known and AssertionError unless
        `messageParameters` names exactly the parameters of the text.

        >>> ErrorClassesReader().get_error_message("CANNOT_BE_NONE", {"arg_name": "seed"})
        'Argument `seed` cannot be None.'
        """
        template = self.get_message_template(errorClass)
        if set(_PARAMETER.findall(template)) != set(messageParameters):
            raise AssertionError(
                f"Undefined error message parameter for error class: {errorClass}. "
                f"Parameters: {messageParameters}"
            )
        return _PARAMETER.sub(lambda match: f"{messageParameters[match[1]]}", template)

    def get_breaking_change_info(self, errorClass: str | None) -> dict[str, Any] | None:
        """How to live with a change of behaviour that caused the error: no condition here has any.

        Raises ValueError for a condition that is not known.

        >>> ErrorClassesReader().get_breaking_change_info("NOT_ITERABLE")
        """
        if errorClass is not None:
            self.get_message_template(errorClass)
        return None
