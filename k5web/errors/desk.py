"""Refusals of the operator's desk."""

from k5web.errors.general import K5Error


class WrongStaffLogin(K5Error):
    """A login of the staff that is none. Facts: none."""

    code, status, text = (
        "wrong_staff_login",
        400,
        "a login has 2 to 32 small letters, digits, dots, dashes, and begins with a letter",
    )


class WrongRole(K5Error):
    """A role that there is not, or none at all. Facts: known."""

    code, status, text = "wrong_role", 400, "give one or more roles of {known}"


class NotAllowed(K5Error):
    """Staff whose roles do not let them do this. Facts: action."""

    code, status, text = "not_allowed", 403, "your roles do not allow this ({action})"


class StaffUnproved(K5Error):
    """Unknown, wrong password or wrong one-time code of the staff, never said which. Facts: attempts_left."""

    code, status, text = "staff_unproved", 403, "login, password and code do not fit"


class LastOwner(K5Error):
    """Somebody must be able to say who may what. Facts: none."""

    code, status, text = "last_owner", 409, "this is the last one with the role owner: give it to another first"


class OwnRoles(K5Error):
    """Nobody changes what they may themselves. Facts: none."""

    code, status, text = "own_roles", 403, "another owner changes your roles, not you"


class WrongUpload(K5Error):
    """A form without a file that can be read. Facts: why (none, empty, name)."""

    code, status, text = "wrong_upload", 400, "no file was taken ({why})"
