#!/bin/sh
# Writes a checkpoint by an array of Slurm tasks, and finishes it by a job that waits for them. The folder is one that all
# nodes share.
#
#   MODEL=config.json SEED=42 OUT=/shared/llama TASKS=8 sh submit.sh
#
# Running it again is right at any time: what is whole is skipped.
set -eu
export MODEL SEED OUT TASKS
export SUBMIT="$0" # for finish.sbatch, which Slurm runs from a copy in another folder
here=$(dirname "$0")
array=$(sbatch --parsable --export=ALL --array="0-$((TASKS - 1))" "$here/init.sbatch")
# afterany, not afterok: once a task has failed, afterok can never be satisfied, even if the task is requeued and succeeds.
sbatch --export=ALL --dependency="afterany:${array%%;*}" "$here/finish.sbatch"
