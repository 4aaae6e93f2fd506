#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# scripts/deps.sh does nothing when nothing is missing, and refuses nonsense.
set -u
cd "$(dirname "$0")/../.." || exit 1
out=$(scripts/deps.sh build demo test 2>&1) || { echo "$out"; exit 1; }
[ -z "$out" ] || { echo "it did something: $out"; exit 1; }
scripts/deps.sh nonsense >/dev/null 2>&1 && { echo "nonsense was accepted"; exit 1; }
exit 0
