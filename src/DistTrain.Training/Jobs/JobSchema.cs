using System.Text.Json;
using System.Text.Json.Nodes;
using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>JSON schema (2020-12) of the job for editors, generated: docs/job.schema.json is this text, and a test keeps it so.</summary>
/// <remarks>It knows canonical names only; the reader also takes other cases and underscores.</remarks>
public static class JobSchema
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>docs/job.schema.json.</summary>
    public static string Json()
    {
        JsonObject root = Section(JobSection.Of(typeof(Job)));
        root.Insert(0, "title", "DistTrain job");
        root.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        root["$defs"] = new JsonObject
        {
            ["layer"] = Choice(typeof(LayerJob)),
            ["node"] = Node(),
        };
        return root.ToJsonString(Indented) + "\n";
    }

    private static JsonObject Section(JobSection section)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (JobKey key in section.Keys)
        {
            JsonObject value = Value(key);
            value["description"] = key.Rule.Doc;
            properties[key.Name] = value;
            if (key.Rule.Required)
            {
                required.Add(key.Name);
            }
        }

        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties, ["additionalProperties"] = false };
        if (required.Count > 0)
        {
            schema["required"] = required;
        }

        return schema;
    }

    private static JsonObject Value(JobKey key)
    {
        Type type = key.Type;
        JsonObject value = key.ItemType == typeof(NodeJob) ? new JsonObject { ["type"] = "object", ["additionalProperties"] = Reference("node") }
            : key.ItemType is { IsPrimitive: true } item ? new JsonObject { ["type"] = "array", ["items"] = Number(key, item) }
            : key.ItemType == typeof(string) ? new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" } }
            : key.ItemType is { IsEnum: true } member ? new JsonObject { ["type"] = "array", ["items"] = Names(member) }
            : key.ItemType == typeof(AugmentJob) ? new JsonObject { ["type"] = "array", ["items"] = Choice(typeof(AugmentJob)) }
            : key.ItemType is not null ? new JsonObject { ["type"] = "array", ["items"] = Reference("layer") }
            : type == typeof(bool) ? new JsonObject { ["type"] = "boolean" }
            : type == typeof(string) ? new JsonObject { ["type"] = "string" }
            : type == typeof(WindowSize) ? OneOrTwo(key)
            : type.IsEnum ? Names(type)
            : type.IsPrimitive ? Number(key, type)
            : JobSection.Choices(type) is not null ? Choice(type)
            : Section(JobSection.Of(type));
        if (!key.Rule.Required && key.Default is { } fallback && (type.IsPrimitive || type.IsEnum))
        {
            value["default"] = type.IsEnum ? JobTree.Text(fallback) : JsonNode.Parse(JobTree.Text(fallback));
        }

        return value;
    }

    private static JsonObject Names(Type type) => new() { ["enum"] = new JsonArray([.. JobBinder.EnumNames(type).Select(name => (JsonNode)name)]) };

    private static JsonObject Number(JobKey key, Type type)
    {
        var number = new JsonObject { ["type"] = type == typeof(double) ? "number" : "integer" };
        if (double.IsFinite(key.Rule.Min))
        {
            number[key.Rule.AboveMin ? "exclusiveMinimum" : "minimum"] = key.Rule.Min;
        }

        if (double.IsFinite(key.Rule.Max))
        {
            number[key.Rule.BelowMax ? "exclusiveMaximum" : "maximum"] = key.Rule.Max;
        }

        return number;
    }

    private static JsonObject OneOrTwo(JobKey key) => new()
    {
        ["oneOf"] = new JsonArray(
            Number(key, typeof(int)),
            new JsonObject { ["type"] = "array", ["items"] = Number(key, typeof(int)), ["minItems"] = 2, ["maxItems"] = 2 }),
    };

    /// <summary>A name, or one group under a name, or the name with its first option.</summary>
    private static JsonObject Choice(Type type)
    {
        var named = new JsonObject();
        IReadOnlyList<JobSection> choices = JobSection.Choices(type)!;
        foreach (JobSection choice in choices)
        {
            named[choice.Choice!.Name] = Options(choice);
        }

        return new JsonObject
        {
            ["oneOf"] = new JsonArray(
                new JsonObject { ["enum"] = new JsonArray([.. choices.Select(choice => (JsonNode)choice.Choice!.Name)]) },
                new JsonObject { ["type"] = "object", ["properties"] = named, ["additionalProperties"] = false, ["minProperties"] = 1, ["maxProperties"] = 1 }),
        };
    }

    private static JsonObject Options(JobSection choice) => choice.Keys.Count == 0
        ? new JsonObject { ["type"] = new JsonArray("object", "null"), ["additionalProperties"] = false, ["description"] = choice.Choice!.Doc }
        : new JsonObject { ["anyOf"] = new JsonArray(Section(choice), Value(choice.Keys[0]), new JsonObject { ["type"] = "null" }), ["description"] = choice.Choice!.Doc };

    private static JsonObject Node()
    {
        var properties = new JsonObject
        {
            ["inputs"] = new JsonObject
            {
                ["description"] = "Names of earlier nodes; \"input\" is the data. Absent: the node before.",
                ["oneOf"] = new JsonArray(
                    new JsonObject { ["type"] = "string" },
                    new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" }, ["minItems"] = 1 }),
            },
        };
        properties[NodeJob.SameAsKey] = new JsonObject { ["type"] = "string", ["description"] = "An earlier node whose layer, with its parameters, is applied again." };
        foreach (JobSection choice in JobSection.Choices(typeof(LayerJob))!)
        {
            properties[choice.Choice!.Name] = Options(choice);
        }

        return new JsonObject { ["type"] = "object", ["properties"] = properties, ["additionalProperties"] = false, ["minProperties"] = 1, ["maxProperties"] = 2 };
    }

    private static JsonObject Reference(string name) => new() { ["$ref"] = $"#/$defs/{name}" };
}
