"""Attention."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, overload

from ...kernels import attention as attention_kernels
from ..define import Namespace, Spec, case, op, wrong
from ..rules import (
    attends,
    attends_by_head,
)

if TYPE_CHECKING:
    from ...variable import SDVariable
    from ..types import VarLike

_QKV = {"queries": (0, 1), "keys": (0, 1), "values": (0, 1)}
_QKV_LAST = {"queries": (0, 2), "keys": (0, 2), "values": (0, 2)}
_MASKED = Spec((2, 5), "boolean")
_NO_KEY = (
    "A query without any key gets 0; SameDiff gives it weights over keys that are masked. The mask "
    "of keys may be boolean or integer."
)




class Attention(Namespace):
    """Attention."""

    @overload
    def attention(
        self, queries: VarLike, keys: VarLike, values: VarLike, *, heads: int = ...,
        scaled: bool = ..., causal: bool = ..., with_weights: Literal[False] = ...,
        masked: bool = ..., name: str | None = ...,
    ) -> SDVariable: ...

    @overload
    def attention(
        self, queries: VarLike, keys: VarLike, values: VarLike, *, heads: int = ...,
        scaled: bool = ..., causal: bool = ..., with_weights: Literal[True],
        masked: bool = ..., name: str | None = ...,
    ) -> tuple[SDVariable, SDVariable]: ...

    @op(attention_kernels.attention, mask=attends,
        cases=(case((2, 5, 4), (2, 5, 4), (2, 5, 4), heads=2, padded=_QKV),
               case((2, 5, 4), (2, 5, 4), (2, 5, 4), causal=True, padded=_QKV),
               case((2, 3, 4), (2, 4, 4), (2, 4, 6), with_weights=True)),
        raises=(wrong((2, 5, 4), (2, 5, 4), (2, 5, 4), heads=3, match="heads"),))
    def attention(
        self, queries: VarLike, keys: VarLike, values: VarLike, *, heads: int = 1,
        scaled: bool = True, causal: bool = False, with_weights: bool = False,
        masked: bool = True, name: str | None = None,
    ) -> Any:
        """softmax(Q K^T / sqrt(f)) V, apart for each head, on [batch, time, features].

        The features are split evenly among the heads; f is the size of one. The result is [batch,
        query, features]; `with_weights` adds the weights [batch, heads, query, key] (Vaswani et
        al. 2017). `causal`: a query sees no later key.
        """
        ...

    @op(attention_kernels.dot_product_attention, mask=attends_by_head,
        samediff="dotProductAttention",
        cases=(case((2, 3, 5), (2, 3, 5), (2, 4, 5), padded=_QKV_LAST),
               case((2, 3, 5), (2, 3, 5), (2, 4, 5), _MASKED, scaled=False,
                    padded={**_QKV_LAST, "key_mask": (0, 1)}),
               case((2, 2, 3, 5), (2, 2, 3, 4), (2, 2, 4, 4), with_weights=True)),
        raises=(wrong((2, 3, 5), (2, 3, 5), (2, 4, 5), (2, 1, 5), match="key_mask"),),
        differs=_NO_KEY)
    def dot_product_attention(
        self, queries: VarLike, keys: VarLike, values: VarLike,
        key_mask: VarLike | None = None, *, scaled: bool = True, with_weights: bool = False,
        causal: bool = False, masked: bool = True, name: str | None = None,
    ) -> Any:
        """values @ softmax(keys^T queries / sqrt(f)), in SameDiff's order: time last.

        queries [batch, (heads,) f, query], keys [batch, (heads,) f, key], values [batch, (heads,)
        v, key] give [batch, (heads,) v, query]. With `with_weights` also the weights [batch,
        (heads,) key, query], which sum to 1 over the axis labelled `key`. `key_mask` [batch, key]:
        keys where it is 0 are not looked at; padded keys never are, and need none.
        """
        ...

    @op(attention_kernels.multi_head_dot_product_attention, mask=attends_by_head,
        samediff="multiHeadDotProductAttention",
        cases=(case((2, 3, 5), (2, 3, 5), (2, 3, 5), (2, 2, 3), (2, 2, 3), (2, 2, 3), (4, 3),
                    padded=_QKV_LAST),
               case((2, 3, 5), (2, 3, 5), (2, 3, 5), (2, 2, 3), (2, 2, 3), (2, 2, 3), (4, 3),
                    _MASKED, with_weights=True)),
        differs=_NO_KEY)
    def multi_head_dot_product_attention(
        self, queries: VarLike, keys: VarLike, values: VarLike, query_weights: VarLike,
        key_weights: VarLike, value_weights: VarLike, output_weights: VarLike,
        key_mask: VarLike | None = None, *, scaled: bool = True, with_weights: bool = False,
        causal: bool = False, masked: bool = True, name: str | None = None,
    ) -> Any:
        """Attention with projections by head, in SameDiff's order: time last.

        queries [batch, f, query], keys and values [batch, f, key]; query, key and value weights
        [heads, head size, f]; output weights [heads * head size, out]. The result is [batch, out,
        query], the weights [batch, heads, key, query]. `key_mask` as in `dot_product_attention`.
        """
        ...
