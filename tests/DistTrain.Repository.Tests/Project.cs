using System.Xml.Linq;

namespace DistTrain.Repository.Tests;

/// <summary>A project file and what it refers to, read as XML: conditions are not evaluated, every reference counts.</summary>
internal sealed class Project
{
    public Project(TextFile file)
    {
        File = file;
        Name = file.Name[..^".csproj".Length];
        XDocument document = XDocument.Parse(file.Text, LoadOptions.SetLineInfo);
        ProjectReferences = Read(document, "ProjectReference", include => Path.GetFileNameWithoutExtension(include.Replace('\\', '/')));
        PackageReferences = [.. Read(document, "PackageReference", include => include).Where(reference => !reference.Name.StartsWith('@'))];
    }

    public TextFile File { get; }

    public string Name { get; }

    public IReadOnlyList<Reference> ProjectReferences { get; }

    public IReadOnlyList<Reference> PackageReferences { get; }

    private static List<Reference> Read(XDocument document, string element, Func<string, string> name) =>
        [.. document.Descendants(element)
            .Where(node => node.Attribute("Include") is not null)
            .Select(node => new Reference(name(node.Attribute("Include")!.Value), ((System.Xml.IXmlLineInfo)node).LineNumber - 1))];

    /// <param name="Name">Project or package.</param>
    /// <param name="Line">Counted from 0.</param>
    internal sealed record Reference(string Name, int Line);
}
