namespace DistTrain.Data;

/// <summary>A set known by name.</summary>
/// <param name="Name">As in a job's data.set, and the name of its folder.</param>
/// <param name="Description">One line.</param>
/// <param name="Classes">Number of classes.</param>
/// <param name="ClassNames">Names by class index, or null.</param>
/// <param name="Files">Empty for a set that is drawn rather than fetched.</param>
public sealed record CatalogueEntry(
    string Name, string Description, int Classes, IReadOnlyList<string>? ClassNames, IReadOnlyList<CatalogueFile> Files)
{
    /// <summary>Where the set lies in the user's folder of sets, for one that isn't fetched: "text/tinyshakespeare.txt", or with a * in its last part.</summary>
    public string? Location { get; init; }
}
