using System;
using System.Collections.Generic;
using Microsoft.CodeAnalysis;

namespace DistTrain.Tensors.Generators;

/// <summary>
/// Adds the source of every micro-kernel to DistTrain.Tensors when it is compiled. An unrolled kernel needs one
/// named local for each accumulator to stay in registers; writing those lines by hand would be pages of copies,
/// and C# generics can't express them. Each family of kernels is one emitter: (hint name, text).
/// </summary>
[Generator]
public sealed class MicroKernelGenerator : IIncrementalGenerator
{
    /// <summary>One entry per family; an emitter is a pure function that returns the whole source file.</summary>
    private static readonly IReadOnlyDictionary<string, Func<string>> Emitters = new Dictionary<string, Func<string>>
    {
        ["MatMulKernels"] = MatMulEmitter.Emit,
        ["FmaLoops"] = FmaLoopEmitter.Emit,
        ["Convolution"] = ConvolutionEmitter.Emit,
    };

    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        context.RegisterPostInitializationOutput(output =>
        {
            foreach (var emitter in Emitters)
            {
                output.AddSource(emitter.Key + ".g.cs", emitter.Value());
            }
        });
    }
}
