using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Data;

/// <summary>The domains of information_schema, which its columns have as types.</summary>
internal static class SystemDomains
{
    private const uint CollationC = 950;

    public static IReadOnlyList<SystemDomain> All { get; } =
    [
        new(13221, "cardinal_number", 13220, new PgType(PgTypes.Int4), 0)
        {
            Check = new(13222, "cardinal_number_domain_check", "(VALUE >= 0)"),
        },
        new(13224, "character_data", 13223, new PgType(PgTypes.VarChar), CollationC),
        new(13226, "sql_identifier", 13225, new PgType(PgTypes.Name), CollationC),
        new(13232, "time_stamp", 13231, new PgType(PgTypes.TimestampTz, 2), 0) { Default = "CURRENT_TIMESTAMP(2)" },
        new(13234, "yes_or_no", 13233, new PgType(PgTypes.VarChar, 7), CollationC)
        {
            Check = new(
                13235, "yes_or_no_check", "((VALUE)::text = ANY ((ARRAY['YES'::character varying, 'NO'::character varying])::text[]))"),
        },
    ];

    public static SystemDomain? Find(uint oid) => All.FirstOrDefault(domain => domain.Oid == oid);
}

/// <param name="ArrayOid">The array of the domain.</param>
internal sealed record SystemDomain(uint Oid, string Name, uint ArrayOid, PgType Base, uint Collation)
{
    public SystemCheck? Check { get; init; }

    public string? Default { get; init; }
}

internal sealed record SystemCheck(uint Oid, string Name, string Expression);
