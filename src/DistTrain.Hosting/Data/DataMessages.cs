using DistTrain.Data;
using DistTrain.Tensors;

namespace DistTrain.Hosting;

/// <summary>Node: its host lacks the data; answered with <see cref="DataTold"/> and <see cref="HashesTold"/>.</summary>
internal sealed record AskData : HostMessage;

/// <summary>Launcher: what the parts are; the hashes of their chunks follow.</summary>
internal sealed record DataTold(IReadOnlyList<PartDescription> Parts) : HostMessage;

/// <summary>Launcher: bulk is hashes of a part's chunks, from a byte on; in order.</summary>
internal sealed record HashesTold(int Part, int Offset) : HostMessage;

/// <summary>Node: wants this chunk; answered with <see cref="ChunkTold"/>.</summary>
internal sealed record AskChunk(int Part, int Chunk) : HostMessage;

/// <summary>Launcher: bulk is a piece of the packed chunk, from a byte on; in order.</summary>
internal sealed record ChunkTold(int Part, int Chunk, int Offset, int Bytes) : HostMessage;

/// <summary>Launcher: it can't read what was asked for.</summary>
internal sealed record DataNotTold(string Reason) : HostMessage;

/// <summary>A part of the data in the words of a message: a <see cref="PartManifest"/> without its hashes.</summary>
/// <param name="Role">One of the constants.</param>
/// <param name="Name">Of the source, for messages.</param>
/// <param name="Count">Samples.</param>
/// <param name="Sample">Dimensions of a sample's features.</param>
/// <param name="Kind">Of the target.</param>
/// <param name="Classes">Of the target.</param>
/// <param name="Target">Its dimensions.</param>
internal sealed record PartDescription(
    string Role, string Name, int Count, IReadOnlyList<int> Sample, TargetKind Kind, int Classes, IReadOnlyList<int> Target)
{
    public const string Train = "train";
    public const string Validation = "validation";
    public const string Test = "test";

    private const int RankMax = 8;

    public static PartDescription Of(string role, PartManifest part) => new(
        role, part.Name, part.Count, part.SampleShape.Dims.ToArray(), part.Target.Kind, part.Target.Classes, part.Target.Shape.Dims.ToArray());

    /// <summary>Chunks that it has.</summary>
    /// <exception cref="InvalidDataException">It makes no sense, or is beyond the limits: nothing is taken in for it.</exception>
    public int Chunks => PartManifest.ChunksOf(Count, (long)ShapeOf(Sample).Length + TargetOf().Length);

    /// <exception cref="InvalidDataException">It makes no sense.</exception>
    public PartManifest With(byte[] hashes) => new(Name, Count, ShapeOf(Sample), TargetOf(), hashes);

    private static Shape ShapeOf(IReadOnlyList<int> dims)
    {
        try
        {
            return dims.Count <= RankMax ? new Shape([.. dims]) : throw new InvalidDataException($"a shape of {dims.Count} dimensions");
        }
        catch (Exception e) when (e is ArgumentException or OverflowException)
        {
            throw new InvalidDataException($"({string.Join(", ", dims)}) is no shape", e);
        }
    }

    private TargetDescription TargetOf()
    {
        try
        {
            return Kind switch
            {
                TargetKind.None => TargetDescription.None,
                TargetKind.Class => TargetDescription.ForClasses(Classes, ShapeOf(Target)),
                TargetKind.Values when Classes > 0 => TargetDescription.ForShares(Classes),
                TargetKind.Values => TargetDescription.ForValues(ShapeOf(Target)),
                _ => throw new InvalidDataException($"{Kind} is no kind of target"),
            };
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"{Classes} classes are too many", e);
        }
    }
}
