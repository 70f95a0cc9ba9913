using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>Keras' names of the initializers.</summary>
public enum InitializerKind
{
    Zeros,
    Ones,
    GlorotUniform,
    GlorotNormal,
    HeUniform,
    HeNormal,
    Uniform,
    Normal,
    SmallNormal,
    StandardNormal,
    Orthogonal,
}

internal static class InitializerKinds
{
    public static Initializer ToInitializer(this InitializerKind kind) => Initializer.FromName(JobBinder.EnumName(kind.ToString()));

    /// <summary>Another one than the house's is told as the default: a model that is described is built already.</summary>
    public static InitializerKind Of(Initializer initializer, InitializerKind fallback)
    {
        foreach (InitializerKind kind in Enum.GetValues<InitializerKind>())
        {
            if (JobBinder.EnumName(kind.ToString()) == initializer.Name)
            {
                return kind;
            }
        }

        return fallback;
    }
}
