namespace DistTrain.Data;

/// <summary>What a column of a table holds.</summary>
public enum ColumnKind
{
    /// <summary>Numbers.</summary>
    Number,

    /// <summary>One of several texts; as features, one place each, 1 where it is the text and 0 elsewhere.</summary>
    Category,
}
