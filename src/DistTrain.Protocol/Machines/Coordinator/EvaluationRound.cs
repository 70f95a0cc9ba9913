namespace DistTrain.Protocol;

/// <summary>
/// The evaluation of one version: whole batches are dealt to the workers, whose kernels climb each batch's tree; the batch sums
/// are added in order. The limit stands at the version until the round is complete, so nobody can move the weights.
/// </summary>
internal sealed class EvaluationRound
{
    private readonly RunPlan plan;
    private readonly SortedDictionary<(int Set, int Batch), RangeStatistics?> results = [];
    private readonly Dictionary<(int Set, int Batch), MachineId> evaluators = [];
    private readonly Dictionary<(int Set, int Batch), MachineId> backups = [];
    private readonly Dictionary<MachineId, long> done = [];

    public EvaluationRound(RunPlan plan, WeightVersion version)
    {
        this.plan = plan;
        Version = version;
        foreach (int set in plan.EvaluationsAt(version))
        {
            for (int batch = 0; batch < plan.Evaluations[set].Batches; batch++)
            {
                results[(set, batch)] = null;
            }
        }
    }

    public WeightVersion Version { get; }

    /// <summary>When the weights stood still, as far as is known; null before.</summary>
    public long? BeganTick { get; set; }

    /// <summary>How often batches of late workers were given to others too.</summary>
    public int Backups { get; private set; }

    public bool IsComplete => results.Values.All(result => result is not null);

    /// <summary>Deals batches that nobody of the members has, to the one that would be done first.</summary>
    public void Deal(IReadOnlyList<WorkerSpeed> workers)
    {
        if (workers.Count == 0)
        {
            return;
        }

        HashSet<MachineId> present = [.. workers.Select(worker => worker.Worker)];
        var loads = new PriorityQueue<(WorkerSpeed Worker, int Batches), (long Done, int Number)>();
        foreach (WorkerSpeed worker in workers)
        {
            Enqueue(worker, evaluators.Count(pair => pair.Value == worker.Worker && results[pair.Key] is null));
        }

        foreach ((int Set, int Batch) key in results.Keys.Where(key => results[key] is null).ToList())
        {
            if (evaluators.TryGetValue(key, out MachineId evaluator) && present.Contains(evaluator))
            {
                continue;
            }

            (WorkerSpeed worker, int batches) = loads.Dequeue();
            evaluators[key] = worker.Worker;
            Enqueue(worker, batches + 1);
        }

        void Enqueue(WorkerSpeed worker, int batches) =>
            loads.Enqueue((worker, batches), (worker.TimeFor(batches + 1), worker.Worker.Number));
    }

    /// <summary>What a worker still has to evaluate.</summary>
    public IReadOnlyList<EvaluationBatch> For(MachineId worker) =>
    [
        .. results.Where(pair => pair.Value is null && (IsOf(evaluators, pair.Key, worker) || IsOf(backups, pair.Key, worker)))
            .Select(pair => new EvaluationBatch(pair.Key.Set, pair.Key.Batch)),
    ];

    /// <summary>
    /// Ticks that those who are done with their batches took, in the middle; null when they are fewer than the half, or the weights
    /// still move.
    /// </summary>
    public long? ExpectedTicks() => BeganTick is { } began && 2 * done.Count >= evaluators.Values.Distinct().Count()
        ? WorkerPace.Median([.. done.Values.Select(tick => Math.Max(0, tick - began))])
        : null;

    /// <summary>Gives what is missing to workers that have nothing left to evaluate, too; false when there are none.</summary>
    public bool Back(IReadOnlyList<WorkerSpeed> workers)
    {
        List<WorkerSpeed> idle = [.. workers.Where(worker => For(worker.Worker).Count == 0)];
        if (idle.Count == 0)
        {
            return false;
        }

        Backups++;
        int next = 0;
        foreach ((int Set, int Batch) key in results.Keys.Where(key => results[key] is null).ToList())
        {
            backups[key] = idle[next++ % idle.Count].Worker;
        }

        return true;
    }

    /// <summary>A result arrived; the first one for a batch wins, and only for that one true is returned.</summary>
    public bool Take(MachineId worker, EvaluationResult result, long tick)
    {
        (int Set, int Batch) key = (result.Batch.Set, result.Batch.Batch);
        bool isNew = result.Version == Version && results.TryGetValue(key, out RangeStatistics? known) && known is null;
        if (isNew)
        {
            results[key] = result.Statistics;
            if (For(worker).Count == 0)
            {
                done.TryAdd(worker, tick);
            }
        }

        return isNew;
    }

    private static bool IsOf(Dictionary<(int Set, int Batch), MachineId> dealt, (int Set, int Batch) key, MachineId worker) =>
        dealt.TryGetValue(key, out MachineId evaluator) && evaluator == worker;

    /// <summary>The totals of each set, in order of sets; batches added in order in double precision.</summary>
    public IEnumerable<EvaluationCompleted> Totals()
    {
        int pass = Version.Value == 0 ? 0 : plan.PassOf(new StepNumber(Version.Value - 1));
        foreach (IGrouping<int, KeyValuePair<(int Set, int Batch), RangeStatistics?>> set in results.GroupBy(pair => pair.Key.Set))
        {
            EvaluationSet evaluated = plan.Evaluations[set.Key];
            PassTotals totals = set.Aggregate(
                PassTotals.Empty(pass), (sum, pair) => sum.With(evaluated.RowsOf(pair.Key.Batch), pair.Value!));
            yield return new EvaluationCompleted(Version, evaluated.Name, totals);
        }
    }
}
