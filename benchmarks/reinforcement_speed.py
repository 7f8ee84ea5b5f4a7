"""How many environment steps a second deep Q-learning takes, beside Stable-Baselines3 at the same hyperparameters.

Run it as `python -m benchmarks reinforcement_speed`. Both learn CartPole-v1 on one thread in turns; the figure is CPU
time from an empty replay memory on, so that acting, keeping and learning are all in it.
"""

from statistics import median
from time import process_time

import torch

from benchmarks import record
from neurobridge.ann import reinforcement
from neurobridge.tasks.environments import make

STEPS, ROUNDS = 2_000, 3
# name -> (ours, theirs): our own usual settings without options that theirs lacks, and those of their zoo for CartPole
SETTINGS = {
    "an update of 128 rows every step, two layers of 128": (
        {"widths": (128, 128), "learning_rate": 3e-4, "batch_size": 128, "capacity": 50_000, "warm_up": 200},
        {"learning_rate": 3e-4, "batch_size": 128, "buffer_size": 50_000, "learning_starts": 200, "train_freq": 1,
         "gradient_steps": 1, "tau": 0.005, "target_update_interval": 1, "exploration_fraction": 1.0,
         "policy_kwargs": {"net_arch": [128, 128]}},
    ),
    "their zoo's settings: 128 updates of 64 rows every 256 steps, two layers of 256": (
        {"widths": (256, 256), "learning_rate": 2.3e-3, "batch_size": 64, "capacity": 100_000, "warm_up": 256,
         "update_every": 256, "updates": 128, "target_every": 10, "target_share": 1.0, "exploration_steps": STEPS,
         "least_exploration": 0.04},
        {"learning_rate": 2.3e-3, "batch_size": 64, "buffer_size": 100_000, "learning_starts": 255, "train_freq": 256,
         "gradient_steps": 128, "tau": 1.0, "target_update_interval": 10, "exploration_fraction": 1.0,
         "exploration_final_eps": 0.04, "policy_kwargs": {"net_arch": [256, 256]}},
    ),
}  # fmt: skip


def main():
    torch.set_num_threads(1)
    rows = {}
    for name, (ours, theirs) in SETTINGS.items():
        taken = {"neurobridge": [], "stable-baselines3": []}
        for seed in range(ROUNDS + 1):
            mine, others = measured(ours, seed), measured_theirs(theirs, seed)
            if seed:  # the first round warms up
                taken["neurobridge"].append(mine)
                taken["stable-baselines3"].append(others)
        ratios = [b / a for a, b in zip(*taken.values(), strict=True)]
        rows[name] = {
            "steps per CPU second": {who: STEPS / median(seconds) for who, seconds in taken.items()},
            "times faster": {"median": median(ratios), "lowest": min(ratios), "highest": max(ratios)},
        }
    packages = ("torch", "numpy", "gymnasium", "stable_baselines3")
    record.write("reinforcement_speed", {"steps": STEPS, "rounds": ROUNDS, "rows": rows}, packages)


def measured(options: dict, seed: int) -> float:
    environments = make("cartpole", seed=seed)
    agent = reinforcement.build("dqn", environments.spaces, seed=seed, **options)
    begun = process_time()
    agent.practise(environments, STEPS, lambda losses: None)
    return process_time() - begun


def measured_theirs(options: dict, seed: int) -> float:
    import stable_baselines3

    agent = stable_baselines3.DQN("MlpPolicy", "CartPole-v1", seed=seed, device="cpu", **options)
    begun = process_time()
    agent.learn(STEPS)
    return process_time() - begun


if __name__ == "__main__":
    main()
