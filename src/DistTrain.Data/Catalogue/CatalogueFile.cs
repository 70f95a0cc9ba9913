namespace DistTrain.Data;

/// <summary>One file of a known set.</summary>
/// <param name="Name">As it is stored in the set's folder.</param>
/// <param name="ContentBytes">Length of the unpacked content.</param>
/// <param name="ContentSha256">Of the unpacked content, lower-case hex: a mirror may have packed it anew.</param>
/// <param name="Mirrors">Where it can be had, tried in order.</param>
public sealed record CatalogueFile(string Name, long ContentBytes, string ContentSha256, IReadOnlyList<Uri> Mirrors);
