using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace DistTrain.Simulation;

/// <summary>The text of an invariant, put together only when it is broken: most are checked at every event.</summary>
[InterpolatedStringHandler]
internal readonly ref struct BrokenInvariant
{
    private readonly StringBuilder? text;

    public BrokenInvariant(int literalLength, int formattedCount, bool condition, out bool isBroken)
    {
        isBroken = !condition;
        text = isBroken ? new StringBuilder(literalLength + (8 * formattedCount)) : null;
    }

    public void AppendLiteral(string literal) => text!.Append(literal);

    public void AppendFormatted<T>(T value) => text!.Append(CultureInfo.InvariantCulture, $"{value}");

    public override string ToString() => text?.ToString() ?? "";
}
