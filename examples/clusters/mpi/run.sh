#!/bin/sh
# Writes a checkpoint by the ranks of an MPI launcher (Open MPI, MPICH, Intel MPI). The folder is one that all hosts share.
#
#   MODEL=config.json SEED=42 OUT=/shared/llama TASKS=8 sh run.sh --hostfile hosts
#
# Arguments go to mpirun. Running it again is right at any time: what is whole is skipped.
set -eu
nn_init=${NN_INIT:-npx nn-init}
mpirun -n "$TASKS" "$@" $nn_init init "$MODEL" --seed "$SEED" --out "$OUT" --max-shard-size "${SIZE:-5GB}" --shard auto
$nn_init index "$OUT"
