using System.Numerics;

namespace DistTrain.Protocol;

/// <summary>What the protocol knows of a job: how many samples each step has and when weights are evaluated. Every machine has the same one.</summary>
public sealed record RunPlan
{
    /// <summary>Training samples of a pass, 1 or more.</summary>
    public required int Samples { get; init; }

    /// <summary>Samples of a step; the last step of a pass may be shorter.</summary>
    public required int Batch { get; init; }

    /// <summary>V, a power of two.</summary>
    public required int Slices { get; init; }

    /// <summary>Walks over the data.</summary>
    public required int Passes { get; init; }

    /// <summary>Ends the run after this many steps even within a pass.</summary>
    public long? StepsMax { get; init; }

    public IReadOnlyList<EvaluationSet> Evaluations { get; init; } = [];

    /// <summary>Largest global norm of an averaged gradient, above 0; null = gradients are not clipped by their norm.</summary>
    public double? ClipNorm { get; init; }

    /// <summary>What measurements decide; null = nothing.</summary>
    public SteeringPlan? Steering { get; init; }

    public int StepsPerPass => checked((Samples + Batch - 1) / Batch);

    /// <summary>Version at which the run is complete.</summary>
    public WeightVersion End => new(Math.Min((long)StepsPerPass * Passes, StepsMax ?? long.MaxValue));

    /// <summary>Samples of a step.</summary>
    public int RowsOf(StepNumber step) => Math.Min(Batch, Samples - ((int)(step.Value % StepsPerPass) * Batch));

    /// <summary>Samples of all steps before one.</summary>
    public long SamplesBefore(StepNumber step) => (step.Value / StepsPerPass * Samples) + (step.Value % StepsPerPass * Batch);

    /// <summary>Pass of a step, from 0.</summary>
    public int PassOf(StepNumber step) => (int)(step.Value / StepsPerPass);

    /// <summary>Whether a version stands at the end of a pass, or of the run.</summary>
    public bool EndsPass(WeightVersion version) => version.Value > 0 && (version.Value % StepsPerPass == 0 || version == End);

    /// <summary>Sets to evaluate on a version, as indices into <see cref="Evaluations"/>.</summary>
    public IEnumerable<int> EvaluationsAt(WeightVersion version)
    {
        for (int set = 0; set < Evaluations.Count; set++)
        {
            bool due = Evaluations[set].Timing == EvaluationTiming.EveryPass ? EndsPass(version) : version == End;
            if (due)
            {
                yield return set;
            }
        }
    }

    /// <summary>The first version at or after <paramref name="from"/> that is evaluated; the run's end when there is none before it.</summary>
    public WeightVersion NextEvaluation(WeightVersion from)
    {
        if (from >= End || !Evaluations.Any(set => set.Timing == EvaluationTiming.EveryPass))
        {
            return End;
        }

        long passes = Math.Max(1, (from.Value + StepsPerPass - 1) / StepsPerPass);
        return new WeightVersion(Math.Min(passes * StepsPerPass, End.Value));
    }

    /// <summary>Checks every number; a plan that passes cannot make a machine fail.</summary>
    /// <exception cref="ArgumentException">Names the number, what was found and what is allowed.</exception>
    public RunPlan Validated()
    {
        Require(Samples >= 1, $"Samples is {Samples}; allowed are 1 or more.");
        Require(Batch >= 1 && Batch <= Samples, $"Batch is {Batch}; allowed are 1 to the {Samples} samples.");
        Require(Slices is >= 1 and <= ProtocolLimits.SlicesMax && BitOperations.IsPow2(Slices), $"Slices is {Slices}; allowed are powers of two from 1 to {ProtocolLimits.SlicesMax}.");
        Require(Passes >= 1, $"Passes is {Passes}; allowed are 1 or more.");
        Require(StepsMax is null or >= 1, $"StepsMax is {StepsMax}; allowed are 1 or more.");
        Require(ClipNorm is null or > 0, $"ClipNorm is {ClipNorm}; allowed are numbers above 0.");
        Require(
            Steering is null || (Steering.Set >= 0 && Steering.Set < Evaluations.Count && Evaluations[Steering.Set].Timing == EvaluationTiming.EveryPass),
            $"Steering monitors set {Steering?.Set}; allowed are sets that are evaluated every pass.");
        foreach (EvaluationSet set in Evaluations)
        {
            Require(set.Samples >= 1 && set.Batch >= 1, $"Evaluation set {set.Name} has {set.Samples} samples in batches of {set.Batch}; allowed are 1 or more.");
        }

        return this;

        static void Require(bool condition, string message)
        {
            if (!condition)
            {
                throw new ArgumentException(message);
            }
        }
    }
}
