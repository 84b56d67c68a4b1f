#!/bin/sh
# Writes a checkpoint into a bucket by an array of AWS Batch, and finishes it by a job that waits for the array.
#
#   aws batch register-job-definition --cli-input-json file://job-definition.json
#   SEED=42 OUT=s3://bucket/llama TASKS=8 QUEUE=cpu sh submit.sh
#
# TASKS is at least 2, as arrays of AWS Batch are. Running it again is right at any time: what is whole is skipped.
set -eu
submit() {
  aws batch submit-job --job-queue "$QUEUE" --job-definition nn-init --query jobId --output text \
    --parameters "seed=$SEED,out=$OUT,size=${SIZE:-5GB}" "$@"
}
array=$(submit --job-name nn-init --array-properties "size=$TASKS")
submit --job-name nn-init-finish --depends-on "jobId=$array" --container-overrides "command=index,$OUT"
