using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>The one check of ops on pictures.</summary>
internal static class PictureShape
{
    public static void Check(string op, Shape shape, int sideMin)
    {
        if (shape.Rank != 3 || shape[0] < sideMin || shape[1] < sideMin)
        {
            throw new UserError($"data.augment: {op} can't change samples {shape}; allowed: pictures (height, width, channels) of at least {sideMin} x {sideMin}");
        }
    }
}
