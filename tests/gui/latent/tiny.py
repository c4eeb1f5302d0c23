"""A recipe that is learnt in a moment."""

from engine.latent.images.faces import Faces
from engine.latent.vae.architectures import ResidualMlp
from engine.latent.vae.likelihoods import Gaussian
from engine.latent.vae.recipe import Recipe

TINY = Recipe(
    data=Faces(training=200, held_out=30),
    architecture=ResidualMlp(encoder_width=16, bottleneck=8, decoder_width=16, octaves=1),
    likelihood=Gaussian(),
    epochs=2,
    batch=20,
)
