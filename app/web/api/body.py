"""The JSON body of a request, read by a model; everything that is wrong with it is named."""

from __future__ import annotations

from typing import TypeVar

from flask import request
from pydantic import BaseModel, ValidationError

from app.record.batch import batch_error
from app.web.problems import refuse

_Body = TypeVar("_Body", bound=BaseModel)


def read_body(model: type[_Body]) -> _Body:
    """The JSON body of the request. Answers 415 or 400, with all that is wrong, for any other."""
    if request.mimetype != "application/json":
        refuse(415, f"Content-Type is {request.mimetype or 'missing'!r}; send application/json")
    try:
        return model.model_validate_json(request.get_data(cache=False))
    except ValidationError as error:
        found = batch_error(error)
        refuse(400, str(found), [{"pointer": p.pointer, "detail": p.detail, "value": p.value} for p in found.problems])
