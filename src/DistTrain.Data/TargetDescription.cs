using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>What stands beside each sample to be learnt.</summary>
public sealed class TargetDescription
{
    private TargetDescription(TargetKind kind, Shape shape, int classes, IReadOnlyList<string>? classNames, bool isWeighted = false)
    {
        IsWeighted = isWeighted;
        Kind = kind;
        Shape = shape;
        Classes = classes;
        ClassNames = classNames;
    }

    /// <summary>Samples without targets.</summary>
    public static TargetDescription None { get; } = new(TargetKind.None, default, 0, null);

    public TargetKind Kind { get; }

    /// <summary>Shape of one sample's target; a scalar for one class index, (T) for one at each of T positions.</summary>
    public Shape Shape { get; }

    /// <summary>Number of classes; 0 unless the target is a class or shares of classes.</summary>
    public int Classes { get; }

    /// <summary>Names by class index, or null when they have none.</summary>
    public IReadOnlyList<string>? ClassNames { get; }

    /// <summary>Behind each sample's values stands one float more: what the sample weighs in the loss.</summary>
    public bool IsWeighted { get; }

    /// <summary>Floats of one sample's values: 0 without targets, 1 for a class index, T for one at each of T positions.</summary>
    public int ValueLength => Kind == TargetKind.None ? 0 : Shape.Length;

    /// <summary>Floats that a source writes for one sample: its values, and its weight where there is one.</summary>
    public int Length => ValueLength + (IsWeighted ? 1 : 0);

    /// <param name="classes">At least 1, at most 2²⁴ (a class index must be exact in a float).</param>
    /// <param name="classNames">One name a class, or null.</param>
    public static TargetDescription ForClasses(int classes, IReadOnlyList<string>? classNames = null) => ForClasses(classes, default, classNames);

    /// <summary>A class index at each place of a shape: (T) for sequences of T positions, (height, width) for pictures.</summary>
    /// <param name="classes">At least 1, at most 2²⁴ (a class index must be exact in a float).</param>
    /// <param name="shape">Of one sample's target.</param>
    /// <param name="classNames">One name a class, or null.</param>
    public static TargetDescription ForClasses(int classes, Shape shape, IReadOnlyList<string>? classNames = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(classes, 1 << 24);
        if (classNames is not null && classNames.Count != classes)
        {
            throw new ArgumentException($"{classNames.Count} names for {classes} classes.", nameof(classNames));
        }

        return new TargetDescription(TargetKind.Class, shape, classes, classNames);
    }

    /// <summary>The same targets with a weight behind each.</summary>
    public TargetDescription Weighted() => Kind == TargetKind.None
        ? throw new InvalidOperationException("Samples without targets can't have weights.")
        : new TargetDescription(Kind, Shape, Classes, ClassNames, isWeighted: true);

    public static TargetDescription ForValues(Shape shape) => new(TargetKind.Values, shape, 0, null);

    /// <summary>A share of each class, all together 1: what mixing samples of several classes gives.</summary>
    /// <param name="classes">At least 1.</param>
    /// <param name="classNames">One name a class, or null.</param>
    public static TargetDescription ForShares(int classes, IReadOnlyList<string>? classNames = null) =>
        new(TargetKind.Values, new Shape(classes), ForClasses(classes, classNames).Classes, classNames);

    /// <summary>As "10 classes", "10 classes at each of (64)", "values (3)" or "none".</summary>
    public override string ToString() => Kind switch
    {
        TargetKind.Class when Shape.Rank > 0 => $"{Classes} classes at each of {Shape}",
        TargetKind.Class => $"{Classes} classes",
        TargetKind.Values when Classes > 0 => $"shares of {Classes} classes",
        TargetKind.Values => $"values {Shape}",
        _ => "none",
    };
}
