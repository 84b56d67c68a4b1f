#!/bin/sh
# Writes a checkpoint by GNU parallel, on this machine or, by ssh, on others that share the folder.
#
#   MODEL=config.json SEED=42 OUT=/shared/llama TASKS=8 sh run.sh --sshloginfile hosts --workdir .
#
# Arguments go to parallel; it runs as many tasks at once as there are cores. A task that fails is tried three times, on
# another host where there is one. Running it again is right at any time: what is whole is skipped.
set -eu
nn_init=${NN_INIT:-npx nn-init}
seq 0 "$((TASKS - 1))" | parallel --retries 3 "$@" \
  "$nn_init init '$MODEL' --seed $SEED --out '$OUT' --max-shard-size ${SIZE:-5GB} --shard {}/$TASKS"
$nn_init index "$OUT"
