namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>
/// Joins what SQLite says with the metadata. Objects that the metadata does not know, or knows otherwise than SQLite has them, are seen as SQLite has
/// them.
/// </summary>
internal sealed partial class SnapshotBuilder
{
    private readonly PhysicalSchema _physical;
    private readonly Metadata _metadata;
    private readonly bool _hasMetadata;
    private readonly HashSet<string> _sequences;
    private readonly ForeignOids _oids = new();
    private readonly Dictionary<uint, string> _schemas;

    /// <summary>All relations but indexes, by their names in SQLite.</summary>
    private readonly Dictionary<string, Draft> _drafts = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The names of relations that are taken, for those that are made up.</summary>
    private readonly HashSet<(uint Schema, string Name)> _names = [];
    private readonly List<Relation> _relations = [];
    private readonly List<TypeInfo> _types = [];

    public SnapshotBuilder(PhysicalSchema physical, Metadata? metadata, IEnumerable<string> sequences)
    {
        _physical = physical;
        _metadata = metadata ?? new Metadata();
        _hasMetadata = metadata is not null;
        _sequences = new HashSet<string>(sequences, StringComparer.Ordinal);
        _schemas = SystemCatalog.Schemas.Concat(_metadata.Namespaces).ToDictionary(s => s.Oid, s => s.Name);
    }

    public SchemaSnapshot Build(long version)
    {
        AddKnownDrafts();
        AddForeignDrafts();
        if (!_hasMetadata || _drafts.Values.Any(draft => draft.Schema == SystemCatalog.Public))
        {
            // Objects that HTTP makes lie in public, also if that schema was dropped before.
            _schemas.TryAdd(SystemCatalog.Public, "public");
        }

        foreach (var draft in _drafts.Values.OrderBy(d => d.Oid))
        {
            _names.Add((draft.Schema, draft.Name));
        }

        foreach (var draft in _drafts.Values.OrderBy(d => d.SqliteName, StringComparer.Ordinal))
        {
            AddRelation(draft);
        }

        AddTypes();
        return new SchemaSnapshot(
            version, [.. _schemas.OrderBy(s => s.Key).Select(s => new SchemaInfo(s.Key, s.Value))], [.. _relations.OrderBy(r => r.Oid)],
            [.. _types.OrderBy(t => t.Oid)], _metadata)
        {
            HasMetadata = _hasMetadata,
        };
    }

    /// <summary>The relations of the metadata that SQLite has.</summary>
    private void AddKnownDrafts()
    {
        foreach (var row in _metadata.Classes)
        {
            var table = _physical.Tables.GetValueOrDefault(row.SqliteName);
            var exists = row.Kind == 'S' ? _sequences.Contains(row.SqliteName) : table is not null && table.IsView == (row.Kind == 'v');
            if (exists && _schemas.ContainsKey(row.Namespace))
            {
                // Of two rows for one name the older one describes a table that was dropped without it.
                _drafts[row.SqliteName] = new Draft(row.Oid, row.Namespace, row.Name, row.Kind, row.SqliteName, row.Kind == 'S' ? null : table, row);
            }
        }
    }

    private void AddForeignDrafts()
    {
        foreach (var name in _sequences.Order(StringComparer.Ordinal))
        {
            if (!_drafts.ContainsKey(name))
            {
                _drafts[name] = new Draft(_oids.Of('S', name), SystemCatalog.Public, name, 'S', name, null, null);
            }
        }

        foreach (var table in _physical.Tables.Values.OrderBy(t => t.Name, StringComparer.Ordinal))
        {
            // A sequence has a view of its name.
            if (!_drafts.ContainsKey(table.Name) && !table.IsShadow)
            {
                var kind = table.IsView ? 'v' : 'r';
                _drafts[table.Name] = new Draft(_oids.Of(kind, table.Name), SystemCatalog.Public, table.Name, kind, table.Name, table, null);
            }
        }

        foreach (var draft in _drafts.Values.OrderBy(d => d.SqliteName, StringComparer.Ordinal))
        {
            draft.Columns = ColumnsOf(draft);
        }
    }

    private void AddRelation(Draft draft)
    {
        var kind = draft.Kind switch { 'S' => RelationKind.Sequence, 'v' => RelationKind.View, _ => RelationKind.Table };
        var (rowType, arrayType) = draft.Row is { } row ? (row.RowType, row.ArrayType)
            : draft.Kind == 'S' ? (0, 0)
            : (_oids.Of('T', draft.SqliteName), _oids.Of('A', draft.SqliteName));
        var view = draft.Row is null ? default : _metadata.Views.GetValueOrDefault(draft.Oid);
        var indexes = IndexesOf(draft, out var constraints);
        var schema = _schemas[draft.Schema];
        _relations.Add(new Relation(draft.Oid, draft.Schema, schema, draft.Name, kind, draft.SqliteName)
        {
            Attributes = draft.Columns,
            Constraints = constraints,
            Indexes = indexes,
            RowType = rowType,
            Definition = view.Definition,
            Rule = draft.Kind != 'v' ? 0 : view.Rule != 0 ? view.Rule : _oids.Of('V', draft.SqliteName),
            Foreign = draft.Row is null,
            RowIdColumn = draft.Table?.RowIdColumn is { } column ? draft.Find(column.Name)?.Number ?? 0 : (short)0,
            WithoutRowId = draft.Table?.WithoutRowId ?? false,
            Persistence = draft.Row?.Persistence ?? 'p',
        });
        foreach (var index in indexes)
        {
            _relations.Add(new Relation(index.Oid, draft.Schema, schema, index.Name, RelationKind.Index, index.SqliteName)
            {
                Attributes = index.Attributes,
                Foreign = draft.Row is null,
                IndexedTable = draft.Oid,
                Persistence = draft.Row?.Persistence ?? 'p',
            });
        }

        if (rowType != 0)
        {
            _types.Add(new TypeInfo(rowType, draft.Schema, schema, draft.Name, 'c') { ArrayOid = arrayType, RelationOid = draft.Oid });
        }
    }

    private void AddTypes()
    {
        _types.AddRange(_metadata.Types.Where(type => _schemas.ContainsKey(type.SchemaOid)).Select(t => t with { Schema = _schemas[t.SchemaOid] }));

        // PostgreSQL puts as many underscores before an element's name as it needs to be the only one; those of older types came first.
        var names = _types.Select(type => (type.Schema, type.Name)).ToHashSet();
        foreach (var type in _types.OrderBy(t => t.Oid).ToArray())
        {
            var name = ObjectNames.Clip("_" + type.Name, ObjectNames.BytesMax);
            while (!names.Add((type.Schema, name)))
            {
                name = ObjectNames.Clip("_" + name, ObjectNames.BytesMax);
            }

            if (type.ArrayOid != 0)
            {
                _types.Add(new TypeInfo(type.ArrayOid, type.SchemaOid, type.Schema, name, 'b') { ElementOid = type.Oid, Collation = type.Collation });
            }
        }
    }

    /// <summary>A relation that is being put together.</summary>
    /// <param name="Table">Null for a sequence.</param>
    /// <param name="Row">Null for a relation that the metadata does not know.</param>
    private sealed record Draft(uint Oid, uint Schema, string Name, char Kind, string SqliteName, PhysicalTable? Table, ClassRow? Row)
    {
        public IReadOnlyList<Attribute> Columns { get; set; } = [];

        /// <summary>The numbers of the columns that are as the metadata has them.</summary>
        public HashSet<short> Unchanged { get; } = [];

        public SqliteTableText Text => field ??= Table is { IsView: false } table ? SqliteTableText.Parse(table.Sql) : new SqliteTableText();

        public Attribute? Find(string column)
        {
            foreach (var attribute in Columns)
            {
                if (!attribute.Dropped && attribute.Name.Equals(column, StringComparison.OrdinalIgnoreCase))
                {
                    return attribute;
                }
            }

            return null;
        }
    }
}
