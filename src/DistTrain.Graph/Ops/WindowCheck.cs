using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>What every op with a window over (height, width, channels) asks of its input.</summary>
internal static class WindowCheck
{
    /// <exception cref="UserError">The sample isn't (height, width, channels) or the window doesn't fit in it.</exception>
    public static void Require(in OpInputs inputs, WindowSize window, WindowSize strides, Padding padding)
    {
        if (inputs[0].Rank != 3)
        {
            throw inputs.Refuse("it needs (height, width, channels)");
        }

        if (window.Height < 1 || window.Width < 1 || strides.Height < 1 || strides.Width < 1)
        {
            throw inputs.Refuse($"window {window} and strides {strides} must be at least 1");
        }

        if (padding == Padding.Valid && (inputs[0][0] < window.Height || inputs[0][1] < window.Width))
        {
            throw inputs.Refuse($"a window of {window} doesn't fit in it; padding 'same' would make it fit");
        }
    }
}
