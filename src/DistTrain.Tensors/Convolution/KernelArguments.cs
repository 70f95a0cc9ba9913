using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <summary>Checks at the public door of kernels that work on raw pointers inside.</summary>
internal static class KernelArguments
{
    internal static void CheckRows(int rows, [CallerArgumentExpression(nameof(rows))] string? name = null) =>
        ArgumentOutOfRangeException.ThrowIfNegative(rows, name);

    /// <exception cref="ArgumentException">The span has another length.</exception>
    internal static void CheckLength(int length, long expected, string name)
    {
        if (length != expected)
        {
            throw new ArgumentException($"{name} has {length} elements where the shape needs {expected}.", name);
        }
    }

    /// <exception cref="ArgumentException">The input has another length or shares memory with the output.</exception>
    internal static void CheckInput(ReadOnlySpan<float> input, long expected, ReadOnlySpan<float> output, string name)
    {
        CheckLength(input.Length, expected, name);
        if (input.Overlaps(output))
        {
            throw new ArgumentException($"{name} overlaps the output.", name);
        }
    }
}
