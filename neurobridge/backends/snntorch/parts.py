"""The modules of a network by the name of their node."""

from torch import nn

_TAKEN = frozenset(dir(nn.ModuleDict()))


def _key(name: str) -> str:
    return name + ":" if name in _TAKEN else name


class Parts(nn.ModuleDict):
    """Modules by name; a node may also be called `values` or `type`, which a plain ModuleDict refuses."""

    def __setitem__(self, key: str, module: nn.Module) -> None:
        super().__setitem__(_key(key), module)

    def __getitem__(self, key: str) -> nn.Module:
        return super().__getitem__(_key(key))

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and super().__contains__(_key(key))
