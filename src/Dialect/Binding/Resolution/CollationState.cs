using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>How a collation came about; a stronger one wins over a weaker one.</summary>
internal enum CollationStrength : byte
{
    None,

    /// <summary>That of a column or of a type.</summary>
    Implicit,

    /// <summary>Different implicit ones; an error only where one is needed.</summary>
    Conflict,

    /// <summary>By COLLATE.</summary>
    Explicit,
}

/// <summary>The collation that the parts of an expression give it so far.</summary>
internal struct CollationState
{
    public uint Collation;
    public CollationStrength Strength;
    public Location Location;

    /// <summary>The one that it is in conflict with.</summary>
    public uint Other;
    public Location OtherLocation;

    /// <summary>Takes a part in.</summary>
    /// <returns>False if explicit collations differ.</returns>
    public bool Merge(uint collation, CollationStrength strength, Location location, uint other = 0, Location otherLocation = default)
    {
        if (strength > Strength || (strength == CollationStrength.Implicit && Strength == strength && Collation == CollationNames.Default))
        {
            (Collation, Strength, Location) = (collation, strength, location);
            if (strength == CollationStrength.Conflict)
            {
                (Other, OtherLocation) = (other, otherLocation);
            }
        }
        else if (strength == Strength && collation != Collation)
        {
            switch (strength)
            {
                case CollationStrength.Implicit when collation != CollationNames.Default:
                    (Strength, Other, OtherLocation) = (CollationStrength.Conflict, collation, location);
                    break;
                case CollationStrength.Explicit:
                    return false;
            }
        }

        return true;
    }
}
