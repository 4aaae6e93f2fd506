#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The test suites (folders of tests/) that start threads, for the TSan run.
cd "$(dirname "$0")/.." || exit 1
grep -lE 'pthread_create|thrd_create|weir_create' -r tests --include='*.c' |
	cut -d/ -f2 | sort -u | grep -v '^support$'
