"""Tests of the promise on the user's own model: padding does not change an answer."""
