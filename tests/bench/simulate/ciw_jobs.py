"""Makes fixtures/simulate/ciw.json: when ciw 3.2.7 starts each of a list of jobs.

Run it with `pip install ciw==3.2.7`. Arrivals and services are whole microseconds, so that ciw's doubles keep them exactly
enough to be rounded back.
"""

import json
import random
import sys

import ciw


def jobs(seed, servers, load, count):
    dice = random.Random(seed)
    arrivals, services, now = [], [], 0
    for _ in range(count):
        now += 1 + int(dice.expovariate(load * servers) * 1e6)
        arrivals.append(now)
        services.append(1 + int(dice.expovariate(1) * 1e6))
    return arrivals, services


def starts(servers, arrivals, services):
    gaps = [later - earlier for earlier, later in zip([0] + arrivals, arrivals)]
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Sequential([gap / 1e6 for gap in gaps] + [1e9])],
        service_distributions=[ciw.dists.Sequential([service / 1e6 for service in services])],
        number_of_servers=[servers],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(arrivals[-1] / 1e6 + sum(services) / 1e6 + 1)
    records = sorted(simulation.get_all_records(), key=lambda record: record.id_number)
    assert len(records) == len(arrivals)
    return [round(record.service_start_date * 1e6) for record in records]


def main():
    runs = []
    for seed, (servers, load) in enumerate([(1, 0.75), (2, 0.9), (4, 0.95), (7, 0.8), (16, 1.1)]):
        arrivals, services = jobs(seed, servers, load, 400)
        begun = starts(servers, arrivals, services)
        nanos = lambda list: [value * 1000 for value in list]
        runs.append(
            {"servers": servers, "arrivals": nanos(arrivals), "services": nanos(services), "starts": nanos(begun)}
        )
    json.dump(runs, sys.stdout, separators=(",", ":"))
    print()


main()
