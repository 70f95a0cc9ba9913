using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>What stands beside each sample to be learnt.</summary>
public sealed class TargetDescription
{
    private TargetDescription(TargetKind kind, Shape shape, int classes, IReadOnlyList<string>? classNames)
    {
        Kind = kind;
        Shape = shape;
        Classes = classes;
        ClassNames = classNames;
    }

    /// <summary>Samples without targets.</summary>
    public static TargetDescription None { get; } = new(TargetKind.None, default, 0, null);

    public TargetKind Kind { get; }

    /// <summary>Shape of one sample's target; a scalar for a class index.</summary>
    public Shape Shape { get; }

    /// <summary>Number of classes; 0 unless <see cref="Kind"/> is <see cref="TargetKind.Class"/>.</summary>
    public int Classes { get; }

    /// <summary>Names by class index, or null when they have none.</summary>
    public IReadOnlyList<string>? ClassNames { get; }

    /// <summary>Floats of one sample's target: 0 without targets, 1 for a class index.</summary>
    public int Length => Kind == TargetKind.None ? 0 : Shape.Length;

    /// <param name="classes">At least 1, at most 2²⁴ (a class index must be exact in a float).</param>
    /// <param name="classNames">One name a class, or null.</param>
    public static TargetDescription ForClasses(int classes, IReadOnlyList<string>? classNames = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(classes, 1 << 24);
        if (classNames is not null && classNames.Count != classes)
        {
            throw new ArgumentException($"{classNames.Count} names for {classes} classes.", nameof(classNames));
        }

        return new TargetDescription(TargetKind.Class, default, classes, classNames);
    }

    public static TargetDescription ForValues(Shape shape) => new(TargetKind.Values, shape, 0, null);

    /// <summary>As "10 classes", "values (3)" or "none".</summary>
    public override string ToString() => Kind switch
    {
        TargetKind.Class => $"{Classes} classes",
        TargetKind.Values => $"values {Shape}",
        _ => "none",
    };
}
