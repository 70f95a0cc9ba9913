namespace DistTrain.Protocol;

/// <summary>
/// An incarnation of a run. A message of another run epoch than the receiver's is never acted upon (fencing). Counts the epochs
/// of a coordinator's term in the low bits and the term in the high ones, so every epoch of a successor is above all before it.
/// </summary>
public readonly record struct RunEpoch(int Value)
{
    private const int NumberBits = 20;

    /// <summary>Which coordinator of the run, from 1.</summary>
    public int Term => (Value >> NumberBits) + 1;

    /// <summary>The epoch within the term; 0 before its first one.</summary>
    public int Number => Value & ((1 << NumberBits) - 1);

    public RunEpoch Next => new(Value + 1);

    public static bool operator <(RunEpoch left, RunEpoch right) => left.Value < right.Value;

    public static bool operator >(RunEpoch left, RunEpoch right) => left.Value > right.Value;

    public static bool operator <=(RunEpoch left, RunEpoch right) => left.Value <= right.Value;

    public static bool operator >=(RunEpoch left, RunEpoch right) => left.Value >= right.Value;

    /// <summary>What a coordinator of this term has before it begins one.</summary>
    public static RunEpoch Before(int term) => new((term - 1) << NumberBits);

    public override string ToString() => Term == 1 ? $"run epoch {Number}" : $"run epoch {Number} of term {Term}";
}

/// <summary>Number of an optimizer step, from 0 over the whole run. Step t turns version t of the weights into version t + 1.</summary>
public readonly record struct StepNumber(long Value) : IComparable<StepNumber>
{
    /// <summary>The version whose gradient step t computes: t.</summary>
    public WeightVersion Before => new(Value);

    /// <summary>The version step t makes: t + 1.</summary>
    public WeightVersion After => new(Value + 1);

    public StepNumber Next => new(Value + 1);

    public static bool operator <(StepNumber left, StepNumber right) => left.Value < right.Value;

    public static bool operator >(StepNumber left, StepNumber right) => left.Value > right.Value;

    public static bool operator <=(StepNumber left, StepNumber right) => left.Value <= right.Value;

    public static bool operator >=(StepNumber left, StepNumber right) => left.Value >= right.Value;

    public int CompareTo(StepNumber other) => Value.CompareTo(other.Value);

    public override string ToString() => $"step {Value}";
}

/// <summary>A version of the weights: version t are the weights after t steps.</summary>
public readonly record struct WeightVersion(long Value) : IComparable<WeightVersion>
{
    /// <summary>The step that computes its gradient on this version: t.</summary>
    public StepNumber Step => new(Value);

    public WeightVersion Next => new(Value + 1);

    public static bool operator <(WeightVersion left, WeightVersion right) => left.Value < right.Value;

    public static bool operator >(WeightVersion left, WeightVersion right) => left.Value > right.Value;

    public static bool operator <=(WeightVersion left, WeightVersion right) => left.Value <= right.Value;

    public static bool operator >=(WeightVersion left, WeightVersion right) => left.Value >= right.Value;

    public int CompareTo(WeightVersion other) => Value.CompareTo(other.Value);

    public override string ToString() => $"version {Value}";
}

/// <summary>Index of a block in the block plan; block 0 is needed first by a forward pass.</summary>
public readonly record struct BlockId(int Value)
{
    public override string ToString() => $"block {Value}";
}

/// <summary>What a machine does in a run.</summary>
public enum MachineRole
{
    Coordinator = 0,
    Server = 1,
    Worker = 2,
}

/// <summary>One incarnation of a machine. A machine that is started again gets a number never used before in this run.</summary>
public readonly record struct MachineId(MachineRole Role, int Number) : IComparable<MachineId>
{
    public static MachineId Coordinator => new(MachineRole.Coordinator, 0);

    public static MachineId Server(int number) => new(MachineRole.Server, number);

    public static MachineId Worker(int number) => new(MachineRole.Worker, number);

    public static bool operator <(MachineId left, MachineId right) => left.CompareTo(right) < 0;

    public static bool operator >(MachineId left, MachineId right) => left.CompareTo(right) > 0;

    public static bool operator <=(MachineId left, MachineId right) => left.CompareTo(right) <= 0;

    public static bool operator >=(MachineId left, MachineId right) => left.CompareTo(right) >= 0;

    // An enum's own CompareTo boxes.
    public int CompareTo(MachineId other) => Role != other.Role ? ((int)Role).CompareTo((int)other.Role) : Number.CompareTo(other.Number);

    public override string ToString() => Role switch
    {
        MachineRole.Coordinator => "coordinator",
        MachineRole.Server => $"server {Number}",
        _ => $"worker {Number}",
    };
}
