using System.Globalization;
using DistTrain.Tensors;

namespace DistTrain.Cli;

/// <summary>Values of options that are no keys of a job, refused in the same words.</summary>
internal static class Whole
{
    public static int? Number(string option, string? text, int min, int max)
    {
        if (text is null)
        {
            return null;
        }

        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= min && value <= max
            ? value
            : throw new UserError($"{option}: found {text}; allowed: a whole number from {min} to {max}");
    }
}
