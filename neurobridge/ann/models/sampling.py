"""Text from a language model: one token after the other, drawn from its distribution."""

import torch
from torch import Generator, Tensor, nn

from neurobridge.errors import InputError
from neurobridge.tasks.vocabulary import check


def sample(
    model: nn.Module,
    prompt: Tensor,
    count: int,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    seed: int = 0,
) -> Tensor:
    """Return `prompt` with `count` tokens after it, `(step,)`.

    Args:
        model: tokens `(1, step)` -> logits `(1, step, vocabulary)`, with `shapes`.
        prompt: `(step,)` at least one token.
        count: tokens to add.
        temperature: divides the logits; 0 takes the likeliest token.
        top_k: draw from the likeliest so many tokens only (Fan, Lewis & Dauphin 2018).
        top_p: draw from the fewest tokens whose probabilities add up to this (Holtzman et al. 2020, "nucleus").
        seed: of the draws.

    Raises:
        InputError: an empty prompt, a token outside the vocabulary, or a setting that makes no sense.
    """
    if prompt.ndim != 1 or len(prompt) == 0:
        raise InputError(f"a prompt is a row of at least one token; got a shape of {tuple(prompt.shape)}.")
    check(prompt.cpu().numpy(), model.shapes.vocabulary)  # type: ignore[union-attr, arg-type]
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and not 0 < top_p <= 1):
        raise InputError(
            f"sampling needs temperature >= 0, top_k >= 1 and 0 < top_p <= 1; got {temperature}, {top_k} and {top_p}."
        )
    random = Generator().manual_seed(seed)
    window = model.shapes.input_shape[0]  # type: ignore[union-attr, index]
    text = prompt.clone()
    model.eval()
    with torch.no_grad():
        for _ in range(count):
            logits = model(text[None, -window:])[0, -1].float().cpu()
            text = torch.cat([text, draw(logits, temperature, top_k, top_p, random).to(text)])
    return text


def draw(logits: Tensor, temperature: float, top_k: int | None, top_p: float | None, random: Generator) -> Tensor:
    """Return one token, `(1,)`, from logits `(vocabulary,)`; see `sample`."""
    if temperature == 0:
        return logits.argmax(keepdim=True)
    p = kept(torch.softmax(logits / temperature, dim=0), top_k, top_p)
    return torch.multinomial(p, 1, generator=random)


def kept(p: Tensor, top_k: int | None, top_p: float | None) -> Tensor:
    """Return probabilities with the unlikely tail set to 0, not normalised."""
    ordered, order = p.sort(descending=True)
    keep = torch.ones_like(p, dtype=torch.bool)
    if top_k is not None:
        keep[top_k:] = False
    if top_p is not None:
        # the token that crosses the bound is kept, so at least one is
        keep &= ordered.cumsum(0) - ordered < top_p
    return torch.zeros_like(p).scatter(0, order, ordered * keep)
