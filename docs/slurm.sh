#!/bin/bash
# One run on several Slurm nodes; docs/cluster.md says more. Change the lines in capitals, then
# sbatch docs/slurm.sh
#SBATCH --job-name=torchlight
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=8
#SBATCH --mem=32G
#SBATCH --time=01:00:00
# With GPUs: #SBATCH --gpus-per-node=1, and --num-gpus=1 below.
set -euo pipefail

source ENVIRONMENT/bin/activate # made with `pip install '.[ray]'`, seen by every node
export RAY_USAGE_STATS_ENABLED=0
export RAY_AUTH_MODE=token # made once: ray get-auth-token --generate; the home folder is shared
head=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head --lines=1)
port=$((20000 + SLURM_JOB_ID % 20000)) # two jobs on a node do not meet

# Starts Ray on every node, the command on the first one, and ends Ray with it.
srun ray symmetric-run --address "$head:$port" --min-nodes "$SLURM_JOB_NUM_NODES" \
  --num-cpus="$SLURM_CPUS_PER_TASK" -- \
  torchlight train TABLE.csv --target TARGET --budget 30m --out "runs/$SLURM_JOB_ID" --cluster auto
