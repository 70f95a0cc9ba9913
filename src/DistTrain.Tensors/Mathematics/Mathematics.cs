using System.Runtime.Intrinsics;

namespace DistTrain.Tensors;

/// <summary>
/// Transcendental functions of floats with the same bits on every CPU and in every vector width (docs/numerics.md, no foreign
/// mathematics). Special values are IEEE 754's; denormals are neither flushed on the way in nor on the way out.
/// </summary>
public static partial class Mathematics
{
    /// <summary>eˣ. Error at most 1 ulp.</summary>
    public static float Exp(float x) => Functions<ScalarLane, float>.Exp(x);

    /// <inheritdoc cref="Exp(float)"/>
    public static Vector128<float> Exp(Vector128<float> x) => Functions<Lane128, Vector128<float>>.Exp(x);

    /// <inheritdoc cref="Exp(float)"/>
    public static Vector256<float> Exp(Vector256<float> x) => Functions<Lane256, Vector256<float>>.Exp(x);

    /// <inheritdoc cref="Exp(float)"/>
    public static Vector512<float> Exp(Vector512<float> x) => Functions<Lane512, Vector512<float>>.Exp(x);

    /// <summary>ln x; ±0 gives -infinity, x below 0 NaN. Error at most 1.5 ulp.</summary>
    public static float Log(float x) => Functions<ScalarLane, float>.Log(x);

    /// <inheritdoc cref="Log(float)"/>
    public static Vector128<float> Log(Vector128<float> x) => Functions<Lane128, Vector128<float>>.Log(x);

    /// <inheritdoc cref="Log(float)"/>
    public static Vector256<float> Log(Vector256<float> x) => Functions<Lane256, Vector256<float>>.Log(x);

    /// <inheritdoc cref="Log(float)"/>
    public static Vector512<float> Log(Vector512<float> x) => Functions<Lane512, Vector512<float>>.Log(x);

    /// <summary>ln(1 + x), accurate near 0; -1 gives -infinity, below NaN. Error at most 1.5 ulp.</summary>
    public static float Log1p(float x) => Functions<ScalarLane, float>.Log1p(x);

    /// <inheritdoc cref="Log1p(float)"/>
    public static Vector128<float> Log1p(Vector128<float> x) => Functions<Lane128, Vector128<float>>.Log1p(x);

    /// <inheritdoc cref="Log1p(float)"/>
    public static Vector256<float> Log1p(Vector256<float> x) => Functions<Lane256, Vector256<float>>.Log1p(x);

    /// <inheritdoc cref="Log1p(float)"/>
    public static Vector512<float> Log1p(Vector512<float> x) => Functions<Lane512, Vector512<float>>.Log1p(x);

    /// <summary>sin x for every finite x; NaN for infinities. Error at most 1.5 ulp.</summary>
    public static float Sin(float x) => Functions<ScalarLane, float>.Sin(x);

    /// <inheritdoc cref="Sin(float)"/>
    public static Vector128<float> Sin(Vector128<float> x) => Functions<Lane128, Vector128<float>>.Sin(x);

    /// <inheritdoc cref="Sin(float)"/>
    public static Vector256<float> Sin(Vector256<float> x) => Functions<Lane256, Vector256<float>>.Sin(x);

    /// <inheritdoc cref="Sin(float)"/>
    public static Vector512<float> Sin(Vector512<float> x) => Functions<Lane512, Vector512<float>>.Sin(x);

    /// <summary>cos x for every finite x; NaN for infinities. Error at most 1.5 ulp.</summary>
    public static float Cos(float x) => Functions<ScalarLane, float>.Cos(x);

    /// <inheritdoc cref="Cos(float)"/>
    public static Vector128<float> Cos(Vector128<float> x) => Functions<Lane128, Vector128<float>>.Cos(x);

    /// <inheritdoc cref="Cos(float)"/>
    public static Vector256<float> Cos(Vector256<float> x) => Functions<Lane256, Vector256<float>>.Cos(x);

    /// <inheritdoc cref="Cos(float)"/>
    public static Vector512<float> Cos(Vector512<float> x) => Functions<Lane512, Vector512<float>>.Cos(x);

    /// <summary>tanh x. Error at most 2 ulp.</summary>
    public static float Tanh(float x) => Functions<ScalarLane, float>.Tanh(x);

    /// <inheritdoc cref="Tanh(float)"/>
    public static Vector128<float> Tanh(Vector128<float> x) => Functions<Lane128, Vector128<float>>.Tanh(x);

    /// <inheritdoc cref="Tanh(float)"/>
    public static Vector256<float> Tanh(Vector256<float> x) => Functions<Lane256, Vector256<float>>.Tanh(x);

    /// <inheritdoc cref="Tanh(float)"/>
    public static Vector512<float> Tanh(Vector512<float> x) => Functions<Lane512, Vector512<float>>.Tanh(x);

    /// <summary>1 / (1 + e⁻ˣ). Error at most 2.5 ulp.</summary>
    public static float Sigmoid(float x) => Functions<ScalarLane, float>.Sigmoid(x);

    /// <inheritdoc cref="Sigmoid(float)"/>
    public static Vector128<float> Sigmoid(Vector128<float> x) => Functions<Lane128, Vector128<float>>.Sigmoid(x);

    /// <inheritdoc cref="Sigmoid(float)"/>
    public static Vector256<float> Sigmoid(Vector256<float> x) => Functions<Lane256, Vector256<float>>.Sigmoid(x);

    /// <inheritdoc cref="Sigmoid(float)"/>
    public static Vector512<float> Sigmoid(Vector512<float> x) => Functions<Lane512, Vector512<float>>.Sigmoid(x);

    /// <summary>Error function, 2/√π ∫₀ˣ exp(-t²) dt. Error at most 2 ulp.</summary>
    public static float Erf(float x) => Functions<ScalarLane, float>.Erf(x);

    /// <inheritdoc cref="Erf(float)"/>
    public static Vector128<float> Erf(Vector128<float> x) => Functions<Lane128, Vector128<float>>.Erf(x);

    /// <inheritdoc cref="Erf(float)"/>
    public static Vector256<float> Erf(Vector256<float> x) => Functions<Lane256, Vector256<float>>.Erf(x);

    /// <inheritdoc cref="Erf(float)"/>
    public static Vector512<float> Erf(Vector512<float> x) => Functions<Lane512, Vector512<float>>.Erf(x);
}
