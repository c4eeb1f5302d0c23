"""The exact posterior of an image: `unbox` and its result, for scripts. The panels' computations are the modules."""

from engine.latent.posterior.unboxing import Unboxing, unbox

__all__ = ["Unboxing", "unbox"]
