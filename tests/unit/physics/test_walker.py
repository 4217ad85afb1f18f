"""Walker patterns and their cover of a sphere."""

import math

import numpy as np
import pytest

from accord.physics.walker import cap_angle_rad, walker, worst_central_angle_rad


def test_spacing_and_phasing() -> None:
    node, u = walker(12, 3, 1, 2 * math.pi / 3)
    np.testing.assert_allclose(np.degrees(node), np.repeat([0, 120, 240], 4), atol=1e-9)
    np.testing.assert_allclose(np.degrees(u[:4]), [0, 90, 180, 270], atol=1e-9)
    np.testing.assert_allclose(np.degrees(u[4:8]), [30, 120, 210, 300], atol=1e-9)  # shifted by F 360/T


def test_delta_pattern_closes_on_itself() -> None:
    """The plane after the last is the first, seen with the slots renumbered."""
    total, planes, phasing = 15, 5, 2
    _, u = walker(total, planes, phasing, 2 * math.pi / planes)
    after = np.mod(u[: total // planes] + 2 * math.pi * phasing * planes / total, 2 * math.pi)
    np.testing.assert_allclose(np.sort(after), np.sort(u[: total // planes]), atol=1e-9)


@pytest.mark.parametrize(("total", "planes"), [(10, 3), (0, 1), (5, 0)])
def test_uneven_planes_are_refused(total: int, planes: int) -> None:
    with pytest.raises(ValueError, match="evenly"):
        walker(total, planes, 0, 1.0)


def test_cap_at_the_ends() -> None:
    assert cap_angle_rad(7000.0, math.pi / 2, 6371.0) == pytest.approx(0.0)
    assert cap_angle_rad(1e12, 0.0, 6371.0) == pytest.approx(math.pi / 2, abs=1e-6)


def test_worst_angle_of_regular_solids() -> None:
    octahedron = np.concatenate([np.eye(3), -np.eye(3)])
    assert worst_central_angle_rad(octahedron) == pytest.approx(math.acos(1 / math.sqrt(3)))
    tetrahedron = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) / math.sqrt(3)
    assert worst_central_angle_rad(tetrahedron) == pytest.approx(math.acos(1 / 3))
