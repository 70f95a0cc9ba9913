using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// How a parameter's values start. They come from the job's seed and the stream of the parameter's name alone, so neither the
/// order of layers nor any other draw moves them.
/// </summary>
/// <remarks>Names and defaults are Keras'; the fans are Keras' compute_fans: (rows, columns) of a matrix, window size times
/// channels of a convolution kernel.</remarks>
public abstract class Initializer
{
    /// <summary>Uniform in ±sqrt(6 / (fanIn + fanOut)) (Glorot and Bengio 2010): Keras' default for kernels.</summary>
    public static Initializer GlorotUniform { get; } = new UniformScaling("glorotUniform", fans => 6.0 / (fans.In + fans.Out));

    /// <summary>Truncated normal of variance 2 / (fanIn + fanOut).</summary>
    public static Initializer GlorotNormal { get; } = new TruncatedNormalScaling("glorotNormal", fans => 2.0 / (fans.In + fans.Out));

    /// <summary>Uniform in ±sqrt(6 / fanIn) (He et al. 2015).</summary>
    public static Initializer HeUniform { get; } = new UniformScaling("heUniform", fans => 6.0 / fans.In);

    /// <summary>Truncated normal of variance 2 / fanIn.</summary>
    public static Initializer HeNormal { get; } = new TruncatedNormalScaling("heNormal", fans => 2.0 / fans.In);

    /// <summary>Keras' default for biases.</summary>
    public static Initializer Zeros { get; } = new Constant("zeros", 0);

    public static Initializer Ones { get; } = new Constant("ones", 1);

    /// <summary>Normal of deviation 0.05: Keras' RandomNormal.</summary>
    public static Initializer Normal { get; } = new NormalInitializer("normal", 0.05f);

    /// <summary>Normal of deviation 0.02: GPT-2's.</summary>
    public static Initializer SmallNormal { get; } = new NormalInitializer("smallNormal", 0.02f);

    /// <summary>Normal of deviation 1: PyTorch's default for embeddings.</summary>
    public static Initializer StandardNormal { get; } = new NormalInitializer("standardNormal", 1);

    /// <summary>Orthonormal rows or columns, whichever are fewer: Keras' default for recurrent kernels.</summary>
    public static Initializer Orthogonal { get; } = new Orthogonal();

    /// <summary>What <see cref="FromName"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. new[] { GlorotUniform, GlorotNormal, HeUniform, HeNormal, Zeros, Ones, Uniform(), Normal, SmallNormal, StandardNormal, Orthogonal }.Select(known => known.Name)];

    /// <summary>As in Keras, in camel case: "glorotUniform".</summary>
    public abstract string Name { get; }

    /// <summary>Uniform in [minimum, maximum); the defaults are Keras' RandomUniform.</summary>
    public static Initializer Uniform(float minimum = -0.05f, float maximum = 0.05f) => new UniformInitializer(minimum, maximum);

    /// <exception cref="UserError">No initializer has this name.</exception>
    public static Initializer FromName(string name) => name switch
    {
        "glorotUniform" => GlorotUniform,
        "glorotNormal" => GlorotNormal,
        "heUniform" => HeUniform,
        "heNormal" => HeNormal,
        "zeros" => Zeros,
        "ones" => Ones,
        "uniform" => Uniform(),
        "normal" => Normal,
        "smallNormal" => SmallNormal,
        "standardNormal" => StandardNormal,
        "orthogonal" => Orthogonal,
        _ => throw new UserError($"No initializer is called '{name}'; there are {string.Join(", ", Names)}."),
    };

    /// <summary>Overwrites the values with those of a parameter of this shape, drawn from the random stream of its name.</summary>
    public abstract void Fill(ulong seed, uint stream, Shape shape, Span<float> values);

    public override string ToString() => Name;
}
