"""The clustering baseline of the field: embed every report, then HDBSCAN (Campello, Moulavi & Sander, 2013).

Embeddings are latent semantic analysis by default (TF-IDF of stems, truncated SVD: nothing to download), or any vectors of a file:
``mujaz bench run --dataset mujaz-clusters --system baseline:hdbscan,vectors=e5.npz``, an archive of the arrays ``ids`` and ``vectors``
as ``python -m benchmarks.stories embed`` writes it. With ``dates=yes`` the likeness of two reports falls with the days between
them as in ``summarizer.cluster``, so that a comparison tells embeddings from dates. A report that HDBSCAN calls noise is a story
of its own.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eval.baselines import MOST_REPORTS
from eval.items import Item
from summarizer import arabic
from summarizer.cluster import DECAY_PER_DAY, UNDATED_FACTOR
from summarizer.errors import InputError

#: Dimensions of the latent space: 100 to 300 is customary for news.
DIMENSIONS: Final = 200
#: Less likeness than this is none (rounding).
LEAST_LIKENESS: Final = 1e-6
_SEED: Final = 1


def cluster_hdbscan(
    items: Sequence[Item],
    *,
    vectors: NDArray[np.float64] | None = None,
    dates: bool = False,
    cut: float | None = None,
) -> list[int]:
    """Return a label an item. ``vectors`` ``(n, d)``: unit rows; None is latent semantic analysis.

    ``cut`` takes the clusters that hold together at that distance (1 - likeness) instead of the most stable ones. Raises
    ``InputError`` over ``MOST_REPORTS``.
    """
    if len(items) > MOST_REPORTS:
        raise InputError(
            f"baseline:hdbscan compares all pairs; {len(items)} reports are over its {MOST_REPORTS}"
        )
    if len(items) < 3:  # HDBSCAN asks for two neighbours of each
        return list(range(len(items)))
    from sklearn.cluster import HDBSCAN

    points = latent(items) if vectors is None else vectors
    likeness = np.clip(points @ points.T, 0, 1)  # (n, n)
    if dates:
        likeness *= _nearness(items)
    np.fill_diagonal(likeness, 0)
    # A report like no other is noise; left in, it ties with every other at the greatest distance.
    like = np.flatnonzero(likeness.max(axis=1) > LEAST_LIKENESS)
    labels = list(range(len(items), 2 * len(items)))
    if len(like) < 3:
        return labels
    distances = 1 - likeness[np.ix_(like, like)]
    np.fill_diagonal(distances, 0)
    fitted = HDBSCAN(min_cluster_size=2, min_samples=1, metric="precomputed", copy=True).fit(distances)
    found = fitted.labels_ if cut is None else fitted.dbscan_clustering(cut, min_cluster_size=2)
    for index, label in zip(like.tolist(), found.tolist(), strict=True):
        if label >= 0:
            labels[index] = label
    return labels


def latent(items: Sequence[Item]) -> NDArray[np.float64]:
    """Return ``(n, d)`` unit rows: truncated SVD of the TF-IDF of title and text; zero for a report without a word."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    tokens = [
        arabic.content_tokens(text) or [f"\0{index}"]
        for index, text in enumerate(f"{item.meta.get('title') or ''}\n{item.text}" for item in items)
    ]
    weights = TfidfVectorizer(analyzer=list, sublinear_tf=True).fit_transform(tokens)
    dimensions = min(DIMENSIONS, len(items) - 1, weights.shape[1] - 1)
    if dimensions < 1:
        return np.asarray(weights.toarray())
    return unit(TruncatedSVD(dimensions, random_state=_SEED).fit_transform(weights))


def unit(vectors: NDArray[Any]) -> NDArray[np.float64]:
    """Return the rows at length 1; those of length 0 as they are."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), dtype=np.float64)


def read_vectors(path: Path, items: Sequence[Item]) -> NDArray[np.float64]:
    """Return the vectors of ``items`` from an ``.npz`` of ``ids`` and ``vectors``. Raises ``InputError``."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            ids, vectors = [str(each) for each in stored["ids"]], stored["vectors"]
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{path}: not an .npz of the arrays ids and vectors: {error}") from error
    row = {identity: number for number, identity in enumerate(ids)}
    missing = [item.id for item in items if item.id not in row]
    if missing:
        raise InputError(f"{path}: no vector for {len(missing)} reports, {missing[0]!r} first")
    return unit(vectors[[row[item.id] for item in items]])


def _nearness(items: Sequence[Item]) -> NDArray[np.float64]:
    """Return ``(n, n)`` factors by the days between two reports."""
    days = np.array([_day(str(item.meta.get("published") or item.meta.get("date") or "")) for item in items])
    gaps = np.abs(days[:, None] - days[None, :])
    return np.where(np.isnan(gaps), UNDATED_FACTOR, np.exp(-DECAY_PER_DAY * np.nan_to_num(gaps)))


def _day(told: str) -> float:
    try:
        return float(datetime.date.fromisoformat(told[:10]).toordinal())
    except ValueError:
        return float("nan")
