"""How each task is trained unless told otherwise: settings that were tried, chosen by validation score."""

from collections.abc import Mapping

from neurobridge.ann.training.config import TrainingConfig

# "task" or "task model" -> settings; the longer name wins
RECIPES: Mapping[str, TrainingConfig] = {
    "digits": TrainingConfig(epochs=80, learning_rate=1e-2, augmentation="affine", keep="last"),
    "digits mlp": TrainingConfig(epochs=60, learning_rate=3e-3, augmentation="affine", keep="last"),
    "digits residual-cnn": TrainingConfig(epochs=40, learning_rate=1e-2, augmentation="affine", keep="last"),
    "digits-augmented": TrainingConfig(epochs=12, batch_size=128, learning_rate=1e-2, keep="last"),
    "digits-rows": TrainingConfig(epochs=80, learning_rate=1e-2, clip=1.0, augmentation="shift", keep="last"),
    "digits-augmented-rows": TrainingConfig(epochs=15, batch_size=128, learning_rate=1e-2, clip=1.0, keep="last"),
    "digits-rotated": TrainingConfig(epochs=30, learning_rate=5e-3, keep="last"),
    "mnist": TrainingConfig(epochs=10, batch_size=128, learning_rate=5e-3, augmentation="shift", keep="last"),
    "cifar10": TrainingConfig(
        epochs=60, batch_size=128, learning_rate=5e-3, augmentation="flip-and-shift", keep="last"
    ),
}


def recipe(task: str, model: str = "") -> TrainingConfig:
    """Return the settings for a model on a task, for any model on it, or the defaults of `TrainingConfig`."""
    return RECIPES.get(f"{task} {model}") or RECIPES.get(task) or TrainingConfig()
