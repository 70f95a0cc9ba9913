namespace DistTrain.Protocol;

/// <summary>
/// Ranges that a worker computes though another one has them too (backup tasks: Dean and Ghemawat, "MapReduce", OSDI 2004, section
/// 3.6): those of a late or suspected worker, and the slice by which an idle worker is measured. The tree takes whichever comes first.
/// </summary>
/// <remarks>
/// Invariant: a backup is never taken away from a living helper before its last step, like any range of a step that may have begun.
/// </remarks>
internal sealed class BackupRanges
{
    private readonly List<Backup> backups = [];

    /// <summary>A helper computes a range in the steps from <paramref name="from"/> on, before <paramref name="until"/>.</summary>
    public void Add(StepNumber from, StepNumber until, MachineId helper, SliceRange range) => backups.Add(new Backup(from, until, helper, range));

    /// <summary>Steps before <paramref name="committed"/> are over, and of those who are no members nobody computes.</summary>
    public void Forget(StepNumber committed, Predicate<MachineId> isGone) =>
        backups.RemoveAll(backup => backup.Until <= committed || isGone(backup.Helper));

    public void Clear() => backups.Clear();

    /// <summary>Steps at which a helper's backups begin or end.</summary>
    public IEnumerable<StepNumber> Bounds(MachineId helper) =>
        backups.Where(backup => backup.Helper == helper).SelectMany(backup => new[] { backup.From, backup.Until });

    /// <summary>A helper's backups at a step, the largest first; they may overlap.</summary>
    public IEnumerable<SliceRange> At(MachineId helper, StepNumber step) => backups
        .Where(backup => backup.Helper == helper && backup.From <= step && step < backup.Until)
        .Select(backup => backup.Range)
        .OrderByDescending(range => range.Count);

    private sealed record Backup(StepNumber From, StepNumber Until, MachineId Helper, SliceRange Range);
}
