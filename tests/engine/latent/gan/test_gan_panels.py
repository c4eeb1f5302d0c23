"""The values of the panels about the GAN, on the shipped GAN: both planes, D over the plane, and the scores."""

import numpy as np
import pytest
from msgspec.structs import replace

from engine.derived import whole
from engine.latent.datasets.mnist import Mnist
from engine.latent.document import Latent
from engine.latent.gan import gan as of_gan
from engine.latent.gan.discriminator import JUDGED, SHADES, judged_plane, selected_pixels, verdicts
from engine.latent.gan.gan import (
    COMPLETE,
    NO_RUN,
    GanSettings,
    chosen,
    gan_beside,
    gan_plane,
    gan_recipe,
    image_beside,
    network_of,
    shown_step,
    unavailable,
    with_gan,
    with_start,
)
from engine.latent.gan.gan_training import COLLAPSE_STEPS, gan_curves, with_collapse, with_shipped_collapse
from engine.latent.gan.scores import NAMES, OTHERS, scores
from engine.latent.image_scores.row import row_of
from engine.latent.inputs.input import Blank, FromData
from engine.latent.model_source import Trained
from engine.latent.probes import LatentPlace
from engine.latent.training.exact_evidence import shipped_pair
from engine.latent.training.runs import checkpoints
from engine.latent.unboxing.generated_images import GeneratedImagesSettings, generated_images
from engine.latent.vae.gan.gan_diagnosis import diagnose, spread_of
from engine.latent.vae.gan_recipe import NO_VAE, NOT_PLAIN, WHOLE, GanRecipe
from engine.latent.vae.recipe import Recipe
from engine.lecture.documents import stages
from engine.lecture.shipped import files, shipped
from engine.plane import Viewport

VIEW = Viewport(-3, 3, -3, 3, 200, 200)


@pytest.fixture(scope="module")
def gan():
    return network_of(gan_beside(Latent()))


def test_the_shipped_model_has_a_gan_that_began_with_its_decoder(gan):
    document = Latent()
    assert shown_step(document) == gan.card.step == GanRecipe().steps
    assert gan.card.recipe == gan_recipe(document)
    assert gan.card.recipe.vae() == document.loaded_model.vae.card.recipe


def test_the_pixels_that_d_judges_are_those_of_the_selected_image(gan):
    beside = gan_beside(Latent())
    pixels, name = selected_pixels(Latent(input=FromData(7)), beside)
    assert np.array_equal(pixels, Mnist().test().pixels[7]) and name
    assert selected_pixels(Latent(input=Blank()), beside) == (None, "No image is selected.")


def test_the_shipped_collapse_is_the_settings_of_a_collapse_beside_the_small_vae():
    """The lecture's build shows it: after 1,000 steps the images hardly differ over the plane, and D has won."""
    document = stages(shipped(files()[0]), "generating-with-a-gan")[-1].document
    assert document[GanSettings] == with_collapse(document)[GanSettings]
    opened = with_shipped_collapse(Latent())
    assert (opened.model, gan_recipe(opened)) == (document.model, gan_recipe(document))
    assert shown_step(opened) == COLLAPSE_STEPS
    for other in (opened.with_model("mnist"), replace(opened, model=shipped_pair())):  # with the usual settings again
        assert gan_recipe(other) == gan_recipe(replace(other, settings=()))
    assert shown_step(opened.with_model("mnist")) == GanRecipe().steps
    kept = with_gan(opened, chosen(opened).gan).with_model("mnist")
    assert gan_recipe(kept).gan.fresh  # settings of the user hold for every model
    collapsed, curves = network_of(gan_beside(document)), gan_curves(document)
    assert curves.step == curves.steps == COLLAPSE_STEPS and len(curves.checkpoints) == 5
    x = collapsed.card.recipe.data.test().first(300).pixels / 255
    found = spread_of(collapsed.decode, x)
    assert diagnose(found, curves.table[-20:, 3].mean(), curves.step).startswith("Collapse")
    assert curves.table[-20:, 1].mean() < 0.05 and curves.scores.table[-1, 2] < 0.05  # the loss of D, the recall


def test_other_settings_and_other_models_have_no_gan_until_one_is_trained():
    assert shown_step(with_gan(Latent(), GanRecipe(gamma=2.0))) is None
    assert shown_step(Latent().with_model("faces")) is None
    assert whole(gan_plane(Latent().with_model("faces"), VIEW)) is None
    assert gan_curves(Latent().with_model("faces")) is None
    assert whole(judged_plane(Latent().with_model("faces"), VIEW)) is None
    assert verdicts(Latent().with_model("faces")) is None


def test_a_gan_begins_with_the_checkpoint_that_is_shown_and_goes_on_with_it():
    trained = Latent().with_model(Trained(Recipe(), 40))
    assert with_start(trained)[GanSettings].gan.begins_at == 40
    other = with_gan(Latent(), GanRecipe(gamma=2.0))
    assert with_start(other) == other
    fresh = with_gan(trained, GanRecipe(fresh=True))
    assert gan_recipe(with_start(fresh)).gan.begins_at == WHOLE


def test_a_gan_is_refused_where_it_cannot_begin(tmp_path):
    autoencoder = Latent().with_model(Trained(Recipe().autoencoder(), 40))
    with pytest.raises(ValueError) as refusal:
        with_start(autoencoder)
    assert str(refusal.value) == NO_VAE
    copied = tmp_path / "copy.safetensors"
    copied.write_bytes(Latent().path.read_bytes())
    with pytest.raises(ValueError) as refusal:
        with_start(Latent().with_model(str(copied)))
    assert str(refusal.value) == NO_RUN
    with pytest.raises(ValueError) as refusal:
        with_start(Latent())
    assert str(refusal.value) == COMPLETE


def test_a_model_that_is_not_there_is_a_reason_and_no_crash(tmp_path):
    assert unavailable(Latent().with_model(str(tmp_path / "gone.safetensors")))


def test_the_plane_of_the_gan_has_the_cells_of_the_plane_of_the_vae(gan):
    document = Latent()
    plane = whole(gan_plane(document, VIEW))
    vae = whole(document.loaded_model.mosaics(document.chart, VIEW))
    assert plane.mosaic.viewport == vae.viewport and plane.mosaic.image.shape == vae.image.shape
    assert plane.checkpoints[-1] == plane.step


def test_the_cursor_shows_both_images_at_the_same_z(gan):
    answer = LatentPlace(0.4, -0.2).answer(Latent())
    expected = gan.decode([(0.4, -0.2)])[0] * 254
    np.testing.assert_allclose(answer.beside, expected, atol=0.51)
    np.testing.assert_array_equal(answer.beside, image_beside(Latent(), (0.4, -0.2)))
    assert LatentPlace(0.4, -0.2).answer(Latent().with_model("faces")).beside is None


def test_a_gan_that_no_panel_has_opened_costs_the_cursor_nothing(monkeypatch):
    monkeypatch.setattr(of_gan, "_opened", type(of_gan._opened)(3))
    monkeypatch.setattr(of_gan, "shown_step", lambda _: pytest.fail("the file was looked up"))
    assert image_beside(Latent(), (0.0, 0.0)) is None


def test_the_colours_of_d_are_its_logits_relative_to_test_images(gan):
    document = Latent().with_input(FromData(3))
    test = Latent().loaded_model.vae.card.recipe.data.test()
    judged, found = whole(judged_plane(document, VIEW)), verdicts(document)
    zero = gan.judge(test.pixels[np.unique(np.linspace(0, 9999, JUDGED).astype(int))] / 255).mean()
    x, y = judged.viewport.x, judged.viewport.y
    for row, column in ((10, 20), (70, 55)):
        logit = gan.judge(gan.decode([(x[column], y[row])]))[0] - zero
        shade = np.clip((logit / judged.reach + 1) / 2, 0, 1) * SHADES
        assert judged.image[row, column] == pytest.approx(shade, abs=1)
    assert found.chosen == pytest.approx(gan.judge(test.pixels[3:4] / 255)[0] - zero, abs=1e-4)
    assert found.real.mean == pytest.approx(0, abs=1e-9)
    assert found.real.counts.sum() == found.generated.counts.sum() == JUDGED
    assert verdicts(Latent()).chosen is None


def test_the_curves_are_those_of_the_training(gan):
    curves = gan_curves(Latent())
    assert curves.table[-1, 0] == gan.card.step or curves.table[-1, 0] > 0.9 * gan.card.step
    assert not curves.resumes and curves.step == curves.steps == gan.card.step


def test_a_row_of_scores_is_known_for_images_of_two_classes():
    """Features are the image itself, and the class of an image is given by its first pixel."""

    def features(images):
        flat = images.reshape(len(images), -1).astype(float)
        return flat, np.column_stack([flat[:, 0] < 0.5, flat[:, 0] >= 0.5])

    rng = np.random.default_rng(0)
    real = rng.uniform(0.2, 0.8, (300, 3, 3))
    one = rng.uniform(0.2, 0.5, (300, 3, 3))
    same, half = (row_of("", images, features(real)[0], features) for images in (real, one))
    assert same.near.precision == same.near.recall == same.near.coverage == 1
    assert same.frechet == pytest.approx(0, abs=1e-9) and same.grey == 1
    np.testing.assert_array_equal(half.shares, [1, 0])
    assert half.divergence == pytest.approx(np.log(2))


@pytest.mark.slow
def test_the_scores_show_that_the_gan_is_sharper_and_keeps_all_classes(monkeypatch):
    monkeypatch.setattr("engine.latent.gan.scores.SCORED", 800)  # fewer images take less time
    found = whole(scores(Latent()))
    assert found.complete and [row.name for row in found.rows] == list(NAMES)
    train, mean, sample, gan = found.rows
    assert abs(gan.grey - train.grey) < 0.02 < mean.grey - train.grey
    assert mean.edge < 0.8 * train.edge < gan.edge < 1.03 * train.edge and sample.edge > 1.5 * train.edge
    assert gan.frechet < mean.frechet / 2
    assert gan.near.precision > 0.85 and gan.shares.min() > 0.05 and gan.divergence < 0.03
    assert train.near.precision > 0.9 and train.near.recall > 0.9


def test_the_scores_of_other_images_are_refused_with_the_reason():
    assert whole(scores(Latent().with_model("faces"))).unavailable == OTHERS


def test_generated_images_of_the_gan_have_no_sample_and_a_nearest_training_image(gan):
    chosen = GeneratedImagesSettings(count=2, decoder="GAN")
    steps = generated_images(Latent().with_setting(chosen))
    found = next(steps)
    assert found.decoder == "GAN"
    np.testing.assert_allclose(found.mean, gan.decode(found.z) * 254, atol=0.51)
    vae = next(generated_images(Latent().with_setting(replace(chosen, decoder="VAE"))))
    np.testing.assert_array_equal(vae.z, found.z)
    assert not np.array_equal(vae.mean, found.mean)
    elsewhere = next(generated_images(Latent().with_model("faces").with_setting(chosen)))
    assert elsewhere.decoder == "VAE"


@pytest.mark.parametrize("name", ["mnist-8", "classes"])
def test_a_model_with_more_latents_or_given_the_class_gets_a_reason(name):
    document = Latent().with_model(name)
    assert unavailable(document) == NOT_PLAIN
    with pytest.raises(ValueError, match="two latents"):
        with_start(document)


def test_the_shipped_gan_that_collapsed_is_opened_with_the_settings_of_its_training():
    document = with_shipped_collapse(Latent())
    gan = document[GanSettings].gan
    assert gan.fresh and gan.gamma == 0 and checkpoints(gan_recipe(document))[-1] == gan.steps == COLLAPSE_STEPS
    assert with_shipped_collapse(document) == document
