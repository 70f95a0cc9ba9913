using System.Collections.Concurrent;
using System.Reflection;

namespace DistTrain.Training;

/// <summary>The keys of one record type, read once from its attributed properties.</summary>
internal sealed class JobSection
{
    private static readonly ConcurrentDictionary<Type, JobSection> Known = new();

    private JobSection(Type type)
    {
        Type = type;
        Choice = type.GetCustomAttribute<JobChoiceAttribute>();
        object defaults = Create();
        var keys = new List<JobKey>();
        for (Type? level = type; level is not null; level = level.BaseType)
        {
            keys.AddRange(level
                .GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
                .Where(property => property.GetCustomAttribute<JobKeyAttribute>() is not null)
                .OrderBy(property => property.MetadataToken)
                .Select(property => new JobKey(property, property.GetCustomAttribute<JobKeyAttribute>()!, property.GetValue(defaults))));
        }

        Keys = keys;
        Names = keys.ConvertAll(key => key.Name);
    }

    public Type Type { get; }

    public JobChoiceAttribute? Choice { get; }

    /// <summary>In the order they are declared, the type's own before its base's: canonical order of text and hash.</summary>
    public IReadOnlyList<JobKey> Keys { get; }

    public IReadOnlyList<string> Names { get; }

    public static JobSection Of(Type type) => Known.GetOrAdd(type, static t => new JobSection(t));

    /// <summary>The alternatives of an abstract record, or null when the type is none.</summary>
    public static IReadOnlyList<JobSection>? Choices(Type type) =>
        type.GetCustomAttribute<JobChoicesAttribute>(inherit: false)?.Types.Select(Of).ToList();

    public static bool IsSection(Type type) =>
        type.IsClass && type != typeof(string) && !type.IsGenericType && !typeof(Delegate).IsAssignableFrom(type);

    public JobKey? Find(string name) => Keys.FirstOrDefault(key => JobNames.Same(key.Name, name));

    public object Create() => Activator.CreateInstance(Type, nonPublic: true)!;
}

/// <summary>One key: where it lives, its type and its default.</summary>
internal sealed class JobKey(PropertyInfo property, JobKeyAttribute rule, object? defaultValue)
{
    public string Name { get; } = JobNames.Camel(property.Name);

    public PropertyInfo Property { get; } = property;

    public JobKeyAttribute Rule { get; } = rule;

    /// <summary>Without Nullable.</summary>
    public Type Type { get; } = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;

    public bool MayBeNull { get; } = defaultValue is null && !rule.Required;

    public object? Default { get; } = defaultValue;

    /// <summary>Element type of a list, or null.</summary>
    public Type? ItemType { get; } = property.PropertyType is { IsGenericType: true } list && list.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)
        ? list.GetGenericArguments()[0]
        : null;
}
