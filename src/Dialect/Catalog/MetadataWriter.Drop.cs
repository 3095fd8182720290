using System.Globalization;

namespace Rqlite.Pg.Dialect.Catalog;

/// <content>Takes objects out.</content>
internal sealed partial class MetadataWriter
{
    public void DropSchema(uint oid)
    {
        Delete("_rqlite_namespace", "oid", oid);
        Forget(new ObjectAddress(ClassOids.PgNamespace, oid, 0));
    }

    /// <summary>Takes out a table, view or sequence with everything that belongs to it.</summary>
    public void DropRelation(Relation relation)
    {
        Delete("_rqlite_class", "oid", relation.Oid);
        Delete("_rqlite_attribute", "relation", relation.Oid);
        Delete("_rqlite_view", "relation", relation.Oid);
        Forget(new ObjectAddress(ClassOids.PgClass, relation.Oid, 0));
        if (relation.Rule != 0)
        {
            Forget(new ObjectAddress(ClassOids.PgRewrite, relation.Rule, 0));
        }

        foreach (var column in relation.Attributes.Where(column => column.DefaultOid != 0))
        {
            Forget(new ObjectAddress(ClassOids.PgAttrDef, column.DefaultOid, 0));
        }

        foreach (var constraint in relation.Constraints)
        {
            DropConstraint(constraint.Oid);
        }

        foreach (var index in relation.Indexes)
        {
            DropIndex(index.Oid);
        }
    }

    public void DropIndex(uint oid)
    {
        Delete("_rqlite_index", "oid", oid);
        Delete("_rqlite_attribute", "relation", oid);
        Forget(new ObjectAddress(ClassOids.PgClass, oid, 0));
    }

    public void DropConstraint(uint oid)
    {
        Delete("_rqlite_constraint", "oid", oid);
        Forget(new ObjectAddress(ClassOids.PgConstraint, oid, 0));
    }

    /// <summary>Takes out the default of a column.</summary>
    public void DropDefault(uint relation, short column, uint oid)
    {
        _changes.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"UPDATE _rqlite_attribute SET default_oid = 0, default_text = NULL WHERE relation = {relation} AND number = {column}"));
        Forget(new ObjectAddress(ClassOids.PgAttrDef, oid, 0));
    }

    /// <summary>Takes out what a default that is no more depended on.</summary>
    public void ForgetDefault(uint oid) => Forget(new ObjectAddress(ClassOids.PgAttrDef, oid, 0));

    /// <summary>Takes out what a domain's default depended on.</summary>
    public void ForgetTypeDependencies(uint oid) => _changes.Add(string.Create(
        CultureInfo.InvariantCulture, $"DELETE FROM _rqlite_depend WHERE object = {oid} AND class = {ClassOids.PgType}"));

    /// <summary>Marks a column as dropped; its place stays.</summary>
    public void DropColumn(uint relation, short column)
    {
        _changes.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"UPDATE _rqlite_attribute SET dropped = 1, default_oid = 0, default_text = NULL, not_null = 0, generated = 0, identity = '', sequence = NULL"
            + $" WHERE relation = {relation} AND number = {column}"));
        _changes.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"DELETE FROM _rqlite_description WHERE object = {relation} AND class = {ClassOids.PgClass} AND sub = {column}"));
    }

    /// <summary>Takes out the columns and the query of a view that gets others.</summary>
    public void ClearView(Relation view)
    {
        Delete("_rqlite_attribute", "relation", view.Oid);
        Delete("_rqlite_view", "relation", view.Oid);
        _changes.Add(string.Create(
            CultureInfo.InvariantCulture, $"DELETE FROM _rqlite_depend WHERE object = {view.Rule} AND class = {ClassOids.PgRewrite}"));
    }

    /// <summary>Takes out an enum or a domain.</summary>
    public void DropType(TypeInfo type)
    {
        Delete("_rqlite_type", "oid", type.Oid);
        Delete("_rqlite_enum", "type", type.Oid);
        Forget(new ObjectAddress(ClassOids.PgType, type.Oid, 0));
        foreach (var constraint in type.Constraints)
        {
            DropConstraint(constraint.Oid);
        }
    }

    // The comments of an object and of its columns, and what it depends on.
    private void Forget(ObjectAddress address)
    {
        var (catalog, oid) = (address.Class, address.Object);
        _changes.Add(string.Create(CultureInfo.InvariantCulture, $"DELETE FROM _rqlite_description WHERE object = {oid} AND class = {catalog}"));
        _changes.Add(string.Create(CultureInfo.InvariantCulture, $"DELETE FROM _rqlite_depend WHERE object = {oid} AND class = {catalog}"));
    }

    private void Delete(string table, string column, uint oid) =>
        _changes.Add(string.Create(CultureInfo.InvariantCulture, $"DELETE FROM {table} WHERE {column} = {oid}"));
}
